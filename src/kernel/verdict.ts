/** One known-good or known-bad thing that matched, with everything an operator asks about it. */
export interface Match {
  /** Name of the feed, or `local` for the operator's own lists. */
  readonly feed: string;
  /** The entry as the list wrote it, after canonicalization: `evil.example`, `10.0.0.0/8`, `evil.example/a/`. */
  readonly entry: string;
  readonly kind: 'host' | 'domain' | 'url' | 'address' | 'network' | 'hash' | 'email';
  /** `block` says bad, `allow` says good, `label` says only what it is (its category): it decides nothing by itself. */
  readonly action: MatchAction;
  readonly category: string;
  readonly severity: Severity;
  /** How sure the list is of its entry, 0 to 100; 100 when it does not say. */
  readonly confidence: number;
  /** Whom the entry may be told. */
  readonly tlp: Tlp;
  /** ISO 8601, UTC: when the entry was first imported. */
  readonly addedAt: string;
  readonly ageS: number;
  /** ISO 8601, UTC: from then on it does not match; `undefined`: it never expires. */
  readonly expiresAt: string | undefined;
  /** SPDX identifier or free text of the feed's licence; empty when unknown. */
  readonly licence: string;
}

export type MatchAction = 'allow' | 'block' | 'label';

/** Traffic Light Protocol 2.0 (FIRST), the most open first. */
export const TLPS = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
export type Tlp = (typeof TLPS)[number];

export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** What a model says of a thing that no list knows. */
export interface Prediction {
  /** `monitor`: it is told and decides nothing; `block`: the verdict is made from it. */
  readonly mode: 'monitor' | 'block';
  readonly verdict: 'clean' | 'suspicious' | 'malicious';
  /** 0 to 100. */
  readonly score: number;
  /** Sentences, the strongest first; none where it is clean. */
  readonly reasons: readonly string[];
}

/** What the engines say of a thing. */
export interface Verdict {
  readonly verdict: 'clean' | 'suspicious' | 'malicious' | 'unknown';
  /** 0 (surely good) to 100 (surely bad); 50 when nothing is known. */
  readonly score: number;
  /** The entry that decided first, then the others, by precedence. */
  readonly matches: readonly Match[];
  /** Absent where a list knows the thing, or no model was asked. */
  readonly prediction?: Prediction;
}

/** What policy does about an exchange. */
export interface Decision {
  readonly decision: 'allow' | 'block';
  /** Stable name of the rule that decided, for example `indicator-block`. */
  readonly rule: string;
  /** Stable reason codes first, then sentences: why. */
  readonly reasons: readonly string[];
  /** The indicator behind it, where there is one. */
  readonly match: Match | undefined;
}

/** A rule that was asked, whether it matched, and why or why not. */
export interface Tried {
  readonly rule: string;
  readonly matched: boolean;
  readonly why: string;
  /** Where it stands in the policy document; absent for what is built in. */
  readonly line?: number;
}

/** The answer of `explain`: a decision with every rule that was tried. */
export interface Explanation extends Decision {
  readonly tried: readonly Tried[];
  /** Versions of the data that decided: `indicators`, `config`. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Who asks. */
export interface Subject {
  /** Source address of the connection. */
  readonly source: string;
  /** `undefined` when nobody signed in. */
  readonly user: string | undefined;
}
