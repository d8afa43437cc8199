import type { Role } from './scopes.ts';

export const SESSION_KINDS = ['console', 'ssh'] as const;
export type SessionKind = (typeof SESSION_KINDS)[number];

/** Somebody who has signed in. */
export interface SessionEntry {
  readonly kind: SessionKind;
  readonly user: string;
  readonly role: Role;
  /** Address that they came from. */
  readonly source: string;
}

export interface SessionRow extends SessionEntry {
  readonly id: string;
  readonly startedAtMs: number;
  readonly lastSeenAtMs: number;
}

/** One session in the retained topic `sessions`: what edges need to know it again. No secret. */
export interface SharedSession extends SessionRow {
  /** SHA-256 of the secret that the browser shows, hexadecimal; absent: it is known by its connection. */
  readonly hash?: string;
  /** It ends then, whatever happens; absent: whoever opened it ends it. */
  readonly endsAtMs?: number;
}
