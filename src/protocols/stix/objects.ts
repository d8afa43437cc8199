import type { Severity, StatedIndicator, Tlp } from '../../kernel/index.ts';

/** A STIX object, with the property names of the standard. */
export interface StixObject {
  readonly type: string;
  readonly id: string;
  readonly [property: string]: unknown;
}

export interface StixBundle {
  readonly type: 'bundle';
  readonly id: string;
  readonly objects?: readonly StixObject[];
}

/** An entry that is to become an indicator. Values are canonical, as in `ListEntry`. */
export interface IndicatorEntry {
  readonly kind: StatedIndicator['kind'];
  readonly value: string;
  readonly action: 'allow' | 'block';
  readonly category: string;
  readonly severity: Severity | undefined;
  /** 0 to 100. */
  readonly confidence: number;
  readonly tlp: Tlp;
  /** When the entry was made: `created`. */
  readonly addedAtMs: number;
  /** When it last changed: `modified`, the version of the object. Not before `addedAtMs`. */
  readonly modifiedAtMs: number;
  readonly firstSeenMs?: number | undefined;
  readonly lastSeenMs?: number | undefined;
  readonly expiresAtMs?: number | undefined;
  readonly note: string;
  readonly reference: string;
  readonly isRevoked?: boolean;
}

/** Who says so: becomes an identity object, and the namespace of the ids. */
export interface StixProducer {
  /** Stable, for the ids depend on it: the name of the gateway or of the organization. */
  readonly name: string;
  /** `created` of the identity, the same for ever: the ids must not change their meaning. */
  readonly createdMs: number;
}
