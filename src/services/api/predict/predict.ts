import { turn } from '../../../engines/hashlookup/index.ts';
import { type Predictor, readColumns, type SiteScore } from '../../../engines/prediction/index.ts';
import { jsonAnswer, problemAnswer, type WebAnswer, type WebRequest } from '../../../engines/web/index.ts';
import type { ApiEngines } from '../context.ts';

export const PREDICT_KINDS = ['pe-features', 'url', 'domain'] as const;
export type PredictKind = (typeof PREDICT_KINDS)[number];

const MODEL_OF = { 'pe-features': 'files', url: 'urls', domain: 'domains' } as const;
/** Items between two turns of the event loop: a few milliseconds at most. */
const SLICE = 50;

/** `POST /api/v1/predict`, `{kind, items}` → a score and its reasons for each item, in the order of the question. */
export async function predictAnswer(
  { predictor, config }: Pick<ApiEngines, 'predictor' | 'config'>,
  request: WebRequest,
): Promise<WebAnswer> {
  const asked = readQuestion(request.body);
  if ('status' in asked) return asked;
  const { kind, items } = asked;
  const { bulkItemsMax } = config.prediction;
  if (items.length > bulkItemsMax) {
    return refused(
      413,
      'too-many-items',
      `At most ${bulkItemsMax} items are judged at once (setting prediction.bulkItemsMax).`,
    );
  }
  const version = predictor.version(MODEL_OF[kind]);
  if (version === undefined)
    return refused(503, 'no-model', 'No model of this kind can be used; see: model show.');
  const answers: unknown[] = [];
  for (const [at, item] of items.entries()) {
    if (at > 0 && at % SLICE === 0) await turn();
    answers.push(SCORE[kind](predictor, item) ?? UNREADABLE[kind]);
  }
  return jsonAnswer({ kind, model: { version }, items: answers });
}

type Score = (predictor: Predictor, item: unknown) => SiteScore | undefined;

const SCORE: Readonly<Record<PredictKind, Score>> = {
  'pe-features': (predictor, item) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? // Its columns are looked at one by one.
        predictor.scorePe(readColumns(item as Readonly<Record<string, unknown>>))
      : undefined,
  url: (predictor, item) => (typeof item === 'string' ? predictor.scoreUrl(item) : undefined),
  domain: (predictor, item) => (typeof item === 'string' ? predictor.scoreDomain(item) : undefined),
};

const UNREADABLE = {
  'pe-features': { error: 'no object of columns' },
  url: { error: 'no URL' },
  domain: { error: 'no host name' },
} as const;

interface Question {
  readonly kind: PredictKind;
  readonly items: readonly unknown[];
}

function readQuestion(body: Uint8Array): Question | WebAnswer {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch {
    return refused(400, 'malformed-json', 'The body is no JSON document.');
  }
  if (typeof document !== 'object' || document === null) return NO_QUESTION;
  // The fields are looked at one by one.
  const { kind, items } = document as Record<string, unknown>;
  const known = PREDICT_KINDS.find((each) => each === kind);
  if (known === undefined || !Array.isArray(items)) return NO_QUESTION;
  return { kind: known, items: items as readonly unknown[] };
}

function refused(status: number, code: string, detail: string): WebAnswer {
  return problemAnswer({ status, code, title: 'Nothing was judged', detail });
}

const NO_QUESTION = refused(
  400,
  'no-question',
  `The body is {"kind": one of ${PREDICT_KINDS.join(', ')}, "items": [...]}.`,
);
