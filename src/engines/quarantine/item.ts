/** Why a file is kept, and where it came from. */
export interface KeepRequest {
  /** As the sender called it; cleaned before it is kept. */
  readonly name: string | undefined;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** How it came, where that was behind content codings: what is kept is what they hide. */
  readonly received?: ReceivedAs | undefined;
  readonly bytes: number;
  /** Media type by content. */
  readonly media: string;
  readonly door: string;
  readonly source: string;
  readonly user: string | undefined;
  readonly rule: string | undefined;
  readonly finding: ItemFinding | undefined;
}

export interface ReceivedAs {
  /** Content-Encoding: `gzip`, `gzip, br`. */
  readonly coding: string;
  /** Of the body with its codings: what events and the access log have. */
  readonly sha256: string;
}

export interface ItemFinding {
  readonly stage: string;
  readonly name: string;
  /** Place inside the file; empty: the file itself. */
  readonly path: string;
}

/** One file in the quarantine. */
export interface QuarantineItem extends Omit<KeepRequest, 'name'> {
  readonly id: string;
  readonly name: string;
  /** `released`: an operator has said that it is good. It can be fetched until it expires. */
  readonly state: 'kept' | 'released';
  /** On the disk, encrypted. */
  readonly storedBytes: number;
  readonly keptAtMs: number;
  readonly expiresAtMs: number;
  /** How often it was caught, and when last. */
  readonly seen: number;
  readonly lastSeenMs: number;
}

/** The shape of an item in answers. */
export function itemDocument(item: QuarantineItem): Readonly<Record<string, unknown>> {
  const { keptAtMs, expiresAtMs, lastSeenMs, storedBytes, ...rest } = item;
  return {
    ...rest,
    storedBytes,
    keptAt: new Date(keptAtMs).toISOString(),
    expiresAt: new Date(expiresAtMs).toISOString(),
    lastSeenAt: new Date(lastSeenMs).toISOString(),
  };
}

/** Why a file was not kept. */
export type KeepFailure = 'too-large' | 'full' | 'changed' | 'not-written' | 'unavailable';

export type KeepResult =
  | { readonly kept: true; readonly id: string }
  | { readonly kept: false; readonly reason: KeepFailure };

/** Who acts, for the audit. */
export interface Actor {
  readonly actor: string;
  /** Address, or `local`. */
  readonly source: string;
}
