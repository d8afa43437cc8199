import type { Severity, Tlp } from './verdict.ts';

/**
 * An indicator as a document of threat intelligence (STIX, MISP, OpenIOC) states it. `value` is what the document
 * writes, without its escapes; whoever stores it makes it canonical.
 */
export interface StatedIndicator {
  /** A `host` is exactly that name; a `domain` also what is below it. */
  readonly kind: 'domain' | 'host' | 'url' | 'address' | 'network' | 'hash' | 'email';
  readonly value: string;
  /** `undefined`: the document does not say. */
  readonly action: 'allow' | 'block' | undefined;
  readonly category: string | undefined;
  readonly severity: Severity | undefined;
  /** 0 to 100. */
  readonly confidence: number | undefined;
  readonly tlp: Tlp | undefined;
  readonly firstSeenMs: number | undefined;
  readonly lastSeenMs: number | undefined;
  /** From then on it does not match. */
  readonly expiresAtMs: number | undefined;
  readonly note: string;
  /** Id of the object, or the address of a report. */
  readonly reference: string;
  /** The producer takes it back: an entry with this value goes away. */
  readonly isRevoked: boolean;
}

/** Something in a document that is no indicator we can look up, and why. */
export interface StatedProblem {
  /** Position of the object in the document, from 1; 0: the document as a whole. */
  readonly position: number;
  readonly reason: string;
  /** The pattern, value or name; neither cut nor escaped. */
  readonly text: string;
}

export interface StatedSink {
  /** `position` is that of `StatedProblem`. */
  indicator(indicator: StatedIndicator, position: number): void;
  problem(problem: StatedProblem): void;
}
