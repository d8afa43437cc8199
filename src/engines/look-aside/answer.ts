import {
  type Clock,
  type Match,
  type MatchAction,
  type Severity,
  type Tlp,
  TLPS,
} from '../../kernel/index.ts';
import type { LookAsideUpstream } from '../config/index.ts';
import type { Question } from './question.ts';

/** What came of a question. `limited`: the upstream has had enough of us. */
export type UpstreamAnswer =
  | { readonly kind: 'known'; readonly findings: readonly Finding[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'failed'; readonly reason: FailureReason };

/** `refused`: our key is not accepted; `unreadable`: it does not speak the API. */
export type FailureReason = 'timeout' | 'unreachable' | 'refused' | 'status' | 'unreadable' | 'too-large';

/** What an upstream says of a thing, before it gets the upstream's name. */
export interface Finding {
  readonly entry: string;
  readonly kind: Match['kind'];
  readonly action: MatchAction;
  readonly category: string;
  readonly severity: Severity;
  readonly confidence: number;
  readonly tlp: Tlp;
  /** `undefined`: it does not say; then it is as old as the answer. */
  readonly addedAtMs: number | undefined;
  readonly licence: string;
}

/** One API, without I/O: the question as a request, the answer as findings. */
export interface Shape {
  /** Path and query below the URL of the upstream; `undefined`: it has no such question. */
  target(question: Question): string | undefined;
  /** Fields of the request besides the usual ones. */
  fields(token: string | undefined): Readonly<Record<string, string>>;
  /** `document` is what the body was as JSON. Only for status 200 and 404. */
  read(question: Question, status: number, document: unknown, upstream: LookAsideUpstream): UpstreamAnswer;
}

export const UNKNOWN: UpstreamAnswer = Object.freeze({ kind: 'unknown' });
export const UNREADABLE: UpstreamAnswer = Object.freeze({ kind: 'failed', reason: 'unreadable' });

const KIND_OF: Readonly<Record<Question['kind'], Match['kind']>> = {
  file: 'hash',
  url: 'url',
  domain: 'domain',
  ip: 'address',
};

/** A finding about exactly what was asked. URLs are entries without their scheme, as in lists. */
export function findingOf(
  { kind, value }: Question,
  said: Pick<Finding, 'action' | 'category' | 'severity' | 'confidence' | 'addedAtMs'>,
): Finding {
  const entry = kind === 'url' ? value.replace(/^[a-z][a-z0-9+.-]*:\/\//, '') : value;
  // What somebody told us is for our own, until he says otherwise.
  return { ...said, entry, kind: KIND_OF[kind], tlp: 'green', licence: '' };
}

/** As the rest of the gateway shows it: the upstream is the feed. */
export function matchOf(feed: string, finding: Finding, clock: Clock, expiresAtMs: number): Match {
  const { addedAtMs, ...rest } = finding;
  const now = clock.now();
  const added = Math.min(addedAtMs ?? now, now);
  return {
    feed,
    ...rest,
    addedAt: new Date(added).toISOString(),
    ageS: Math.floor((now - added) / 1000),
    expiresAt: new Date(expiresAtMs).toISOString(),
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A count of an answer; 0 when it is none. */
export function countIn(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}

/** A word from outside: cut, without control characters. */
export function wordIn(value: unknown, charsMax = 100): string {
  return typeof value === 'string' ? value.replace(/\p{Cc}/gu, ' ').slice(0, charsMax) : '';
}

export function percentIn(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= 100 ? Math.round(value) : 100;
}

export function severityIn(value: unknown): Severity {
  return SEVERITIES.find((each) => each === value) ?? 'high';
}

export function tlpIn(value: unknown): Tlp {
  return TLPS.find((each) => each === value) ?? 'green';
}

const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

/** Milliseconds of an ISO 8601 text within the years that a date can have. */
export function timeIn(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) || time < 0 ? undefined : time;
}
