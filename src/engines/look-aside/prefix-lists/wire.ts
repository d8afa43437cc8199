import type { EdgeLinks } from '../../../kernel/index.ts';
import type { FullHashAnswer } from '../../../protocols/safe-browsing/index.ts';
import { countIn, isRecord, wordIn } from '../answer.ts';

/** Asked by edges: `HashQuestion` → `{kind: 'answer', answers}` or `{kind: 'none', reason}`. */
export const FIND_HASHES_METHOD = 'look-aside.find-hashes';
/** Retained: the lists have changed. */
export const PREFIX_LISTS_TOPIC = 'prefix-lists';

export interface HashQuestion {
  readonly feed: string;
  /** Hexadecimal, 4 to 32 bytes each. */
  readonly prefixes: readonly string[];
  /** States of the lists that they were found in, base64: version 4 wants them. */
  readonly states: readonly string[];
}

const ITEMS_MAX = 64;
const FOUND_MAX = 1000;

/** In control: `find` answers for all edges. */
export function serveHashQuestions(
  links: Pick<EdgeLinks, 'handle'>,
  find: (question: HashQuestion) => Promise<unknown>,
): void {
  links.handle(FIND_HASHES_METHOD, (params) => {
    const question = questionIn(params);
    return question === undefined ? { kind: 'none', reason: 'unreadable' } : find(question);
  });
}

function questionIn(params: unknown): HashQuestion | undefined {
  if (!isRecord(params) || typeof params['feed'] !== 'string') return undefined;
  const prefixes = textsIn(params['prefixes'], /^(?:[0-9a-f]{2}){4,32}$/);
  const states = textsIn(params['states'], /^[A-Za-z0-9+/]{0,1024}={0,2}$/);
  if (prefixes === undefined || prefixes.length === 0 || states === undefined) return undefined;
  return { feed: params['feed'], prefixes, states };
}

function textsIn(value: unknown, pattern: RegExp): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > ITEMS_MAX) return undefined;
  const texts = value.filter((each): each is string => typeof each === 'string' && pattern.test(each));
  return texts.length === value.length ? texts : undefined;
}

/** What control has told; a text: why it has not. Prefixes that were not asked for are left out. */
export function answersIn(told: unknown, prefixes: readonly string[]): readonly FullHashAnswer[] | string {
  if (!isRecord(told) || told['kind'] !== 'answer' || !Array.isArray(told['answers'])) {
    return isRecord(told) && typeof told['reason'] === 'string' ? wordIn(told['reason']) : 'failed';
  }
  const answers: readonly unknown[] = told['answers'];
  return answers.flatMap((each): readonly FullHashAnswer[] => {
    if (!isRecord(each)) return [];
    const { prefix, found } = each;
    if (typeof prefix !== 'string' || !prefixes.includes(prefix) || !Array.isArray(found)) return [];
    const items: readonly unknown[] = found;
    return [
      {
        prefix,
        othersForMs: countIn(each['othersForMs']),
        found: items
          .slice(0, FOUND_MAX)
          .flatMap((item) =>
            isRecord(item) && typeof item['hash'] === 'string'
              ? [{ hash: item['hash'], category: wordIn(item['category']), forMs: countIn(item['forMs']) }]
              : [],
          ),
      },
    ];
  });
}
