import {
  findingOf,
  isRecord,
  percentIn,
  type Shape,
  UNKNOWN,
  type UpstreamAnswer,
  UNREADABLE,
} from './answer.ts';

const TYPE_OF: Readonly<Record<number, string>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };
/** What hashlookup says of a file of which it has no opinion. */
const NEUTRAL_TRUST = 50;

/** CIRCL hashlookup: https://www.circl.lu/services/hashlookup/. */
export const hashlookupShape: Shape = {
  target: ({ kind, value }) => (kind === 'file' ? `/lookup/${TYPE_OF[value.length]}/${value}` : undefined),
  fields: (token) => (token === undefined ? {} : { Authorization: `Bearer ${token}` }),

  read(question, status, document): UpstreamAnswer {
    if (!isRecord(document)) return UNREADABLE;
    if (status === 404) return typeof document['message'] === 'string' ? UNKNOWN : UNREADABLE;
    const hashes = ['MD5', 'SHA-1', 'SHA-256'].map((name) => document[name]);
    // An answer about something else is none.
    if (!hashes.some((hash) => typeof hash === 'string' && hash.toLowerCase() === question.value)) {
      return UNREADABLE;
    }
    const inserted = Number(document['insert-timestamp']);
    const addedAtMs = inserted > 0 && inserted < 8.64e12 ? inserted * 1000 : undefined;
    if (document['KnownMalicious'] !== undefined) {
      const bad = { action: 'block', category: 'malware', severity: 'high', confidence: 100 } as const;
      return { kind: 'known', findings: [findingOf(question, { ...bad, addedAtMs })] };
    }
    const confidence = percentIn(document['hashlookup:trust'] ?? NEUTRAL_TRUST);
    if (confidence < NEUTRAL_TRUST) return UNKNOWN;
    const good = { action: 'allow', category: 'known-good', severity: 'low', confidence } as const;
    return { kind: 'known', findings: [findingOf(question, { ...good, addedAtMs })] };
  },
};
