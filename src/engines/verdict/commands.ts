import {
  type Command,
  type Cell,
  type Match,
  type MaybePromise,
  parseAddress,
  type Prediction,
  type Result,
  type Tone,
  type Verdict,
} from '../../kernel/index.ts';
import { listValue } from '../../protocols/lists/values/index.ts';
import { canonicalHost, type CanonicalUrl, canonicalUrl } from '../../protocols/url/index.ts';
import type { IndicatorReader } from '../indicators/index.ts';
import { verdictErrors } from './errors.ts';
import type { SiteOpinion } from './opinion.ts';
import { createVerdictEngine, type PrefixSource, type VerdictEngine } from './verdict.ts';

export interface VerdictEngines {
  readonly reader: IndicatorReader;
  /** Read when it is needed: the models are a megabyte. */
  readonly opinion?: (() => SiteOpinion | undefined) | undefined;
  /** Read when it is needed: lists of hash prefixes are megabytes. */
  readonly prefixLists?: (() => Promise<PrefixSource>) | undefined;
}

/** The document of every look-up, wherever it is asked. */
export interface LookupDocument {
  readonly query: string;
  readonly verdict: Verdict['verdict'];
  readonly score: number;
  readonly matches: readonly Match[];
  /** What a model says, where no list knows. */
  readonly prediction?: Prediction;
}

export function lookupDocument(query: string, verdict: Verdict): LookupDocument {
  const { prediction } = verdict;
  return {
    query,
    verdict: verdict.verdict,
    score: verdict.score,
    matches: verdict.matches,
    ...(prediction === undefined ? {} : { prediction }),
  };
}

export const verdictCommands: readonly Command<VerdictEngines>[] = [
  lookupCommand('url', 'U', 'Look a URL up', 'lookup url http://example.com/path', (engine, value) => {
    const url = canonicalUrl(value);
    if (url === undefined) throw verdictErrors.VERDICT_NO_URL({ value });
    return prepared(engine, url, () => engine.evaluateUrl(url));
  }),
  lookupCommand('domain', 'D', 'Look a domain up', 'lookup domain example.com', (engine, value) => {
    const host = canonicalHost(value);
    if (host === undefined) throw verdictErrors.VERDICT_NO_DOMAIN({ value });
    return prepared(engine, canonicalUrl(`http://${host}/`), () => engine.evaluateHost(host));
  }),
  lookupCommand('ip', 'A', 'Look an IP address up', 'lookup ip 192.0.2.1', (engine, value) => {
    if (parseAddress(value) === undefined) throw verdictErrors.VERDICT_NO_ADDRESS({ value });
    return engine.evaluateAddress(value);
  }),
  lookupCommand(
    'file',
    'HASH',
    'Look the hash of a file up',
    'lookup file d41d8cd98f00b204e9800998ecf8427e',
    (engine, value) => {
      const hash = listValue(value);
      if (typeof hash === 'string' || hash.kind !== 'hash') throw verdictErrors.VERDICT_NO_HASH({ value });
      return engine.evaluateHash(hash.value);
    },
  ),
  lookupCommand(
    'email',
    'ADDRESS',
    'Look a mail address up',
    'lookup email billing@example.com',
    (engine, value) => {
      const address = listValue(value);
      if (typeof address === 'string' || address.kind !== 'email')
        throw verdictErrors.VERDICT_NO_EMAIL({ value });
      return engine.evaluateEmail(address.value);
    },
  ),
];

function lookupCommand(
  what: string,
  name: string,
  summary: string,
  example: string,
  evaluate: (engine: VerdictEngine, value: string) => MaybePromise<Verdict>,
): Command<VerdictEngines> {
  return {
    words: `lookup ${what}`,
    summary,
    positionals: [{ name, help: `The ${what} to look up` }],
    options: {},
    role: 'read',
    where: 'either',
    examples: [example],
    run: async ({ reader, opinion, prefixLists }, input) => {
      const query = input.words[name] ?? '';
      const isSite = what === 'url' || what === 'domain';
      const engine = createVerdictEngine({
        reader,
        opinion: isSite ? opinion?.() : undefined,
        prefixLists: isSite ? await prefixLists?.() : undefined,
      });
      return lookupResult(query, await evaluate(engine, query));
    },
  };
}

/** What others have to be asked for is asked first. */
function prepared(
  engine: VerdictEngine,
  url: CanonicalUrl | undefined,
  evaluate: () => Verdict,
): MaybePromise<Verdict> {
  const asked = url === undefined ? undefined : engine.prepare(url);
  return asked === undefined ? evaluate() : asked.then(evaluate);
}

const TONES: Readonly<Record<Verdict['verdict'], Tone>> = {
  clean: 'good',
  suspicious: 'warn',
  malicious: 'bad',
  unknown: 'dim',
};

function lookupResult(query: string, verdict: Verdict): Result {
  return {
    document: lookupDocument(query, verdict),
    view: [
      {
        kind: 'facts',
        facts: [
          ['query', query],
          ['verdict', { text: verdict.verdict, tone: TONES[verdict.verdict] }],
          ['score', verdict.score],
          ...predictionFacts(verdict.prediction),
        ],
      },
      ...(verdict.matches.length === 0 ? [] : [matchTable(verdict.matches)]),
    ],
  };
}

function predictionFacts(prediction: Prediction | undefined): readonly (readonly [string, Cell])[] {
  if (prediction === undefined) return [];
  const { mode, verdict, score, reasons } = prediction;
  return [
    ['models say', { text: `${verdict} (${score} of 100)`, tone: TONES[verdict] }],
    ...(verdict !== 'clean' && mode === 'monitor'
      ? [['which', 'is told only: prediction.urls is monitor'] as const]
      : []),
    ...reasons.map((reason) => ['because', reason] as const),
  ];
}

function matchTable(matches: readonly Match[]): NonNullable<Result['view']>[number] {
  return {
    kind: 'table',
    columns: ['Feed', 'Says', 'Kind', 'Entry', 'Category', 'Severity', 'Added', 'Licence'].map((title) => ({
      title,
    })),
    rows: matches.map((match) => [
      match.feed,
      { text: match.action, tone: match.action === 'block' ? 'bad' : 'good' },
      match.kind,
      match.entry,
      match.category,
      match.severity,
      match.addedAt,
      match.licence,
    ]),
  };
}
