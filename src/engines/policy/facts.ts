import type { DoorName, FileType, FileVerdict, Verdict } from '../../kernel/index.ts';

/** Moments at which the rules are asked, in the order of an exchange. Doors ask in those that they reach. */
export const PHASES = ['connect', 'request', 'request-body', 'response', 'response-body'] as const;
export type Phase = (typeof PHASES)[number];

/** What may be unknown when the rules are asked, as bits, so that a door says in one number what is still to come. */
export const FACT = {
  /** Path and query: a tunnel hides them. */
  url: 1,
  'request-head': 2,
  'response-head': 4,
  size: 8,
  'file-type': 16,
  'file-verdict': 32,
  user: 64,
} as const;
export type Fact = keyof typeof FACT;
const FACT_NAMES = Object.keys(FACT) as readonly Fact[];

export function factNames(bits: number): readonly Fact[] {
  return bits === 0 ? NO_FACTS : FACT_NAMES.filter((name) => (bits & FACT[name]) !== 0);
}

const NO_FACTS: readonly Fact[] = [];

/**
 * What is known about one exchange when the policy is asked. A door makes one of them and fills it in; getters are
 * fine. What is `undefined` is not known: `later` says whether it may be still.
 */
export interface PolicyFacts {
  /** Address of the client. */
  readonly source: string;
  readonly user: string | undefined;
  /** `CONNECT` for a tunnel. */
  readonly method: string;
  /** Canonical: lower case, A-labels, no final dot; IPv6 without brackets. Empty: there is none. */
  readonly host: string;
  readonly port: number;
  /** What the lists say of URL or host; cheap when asked again. */
  verdict(): Verdict;
  readonly door?: DoorName | undefined;
  readonly groups?: readonly string[] | undefined;
  /** Needed by schedules; without it they never fit. */
  readonly nowMs?: number | undefined;
  readonly scheme?: string | undefined;
  /** Canonical, as in `CanonicalUrl`; `undefined` inside a tunnel. */
  readonly path?: string | undefined;
  /** Without `?`. */
  readonly query?: string | undefined;
  /** The value of the first field of that lower-case name. Absent while there is no request head. */
  requestField?(name: string): string | undefined;
  readonly status?: number | undefined;
  responseField?(name: string): string | undefined;
  /** Of the body that is looked at. */
  readonly fileName?: string | undefined;
  readonly bytes?: number | undefined;
  readonly fileType?: FileType | undefined;
  /** After the scan. */
  readonly file?: FileVerdict | undefined;
  /** A setting of the door lets bodies pass that could not be looked at whole. */
  readonly passIncomplete?: boolean | undefined;
  /** The door has bodies scanned only where a rule of the document wants it. */
  readonly scansOnRequest?: boolean | undefined;
  /** Bits of `FACT`: what this door may still learn, or learn anew of another body, in this exchange. */
  readonly later?: number | undefined;
}

/** Facts of a request that has only come in; kept as a name of its own for the doors that know no more. */
export type AccessFacts = PolicyFacts;

/**
 * What a condition says. Ordered, so that *and* is the smaller and *or* the greater of two: `NEVER` is not known and
 * will not be, which is neither yes nor no, also behind a `not`.
 */
export const NO = 0;
export const NEVER = 1;
export const NOT_YET = 2;
export const YES = 3;
export type Answer = typeof NO | typeof NEVER | typeof NOT_YET | typeof YES;

/** The answer about facts that may be unknown: `matched` is `undefined` then. */
export function answer(matched: boolean | undefined, later: number | undefined, bits: number): Answer {
  if (matched === true) return YES;
  if (later !== undefined && (later & bits) !== 0) return NOT_YET;
  return matched === undefined ? NEVER : NO;
}
