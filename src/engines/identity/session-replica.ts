import type { Clock, ControlLink } from '../../kernel/index.ts';
import { identityErrors } from './errors.ts';
import { isRole } from './scopes.ts';
import { SESSION_KINDS, type SessionEntry, type SharedSession } from './session.ts';
import type { SessionRegistry } from './sessions.ts';
import { hashToken } from './token.ts';

/** What somebody shows who wants to sign in to the console. */
export interface SignIn {
  readonly user: string;
  readonly password: string;
  /** Of the authenticator, for accounts that have one. */
  readonly code?: string | undefined;
  readonly source: string;
}

export type SignedIn =
  | {
      readonly ok: true;
      readonly secret: string;
      readonly session: SharedSession;
    }
  | {
      readonly ok: false;
      /** `role`: the account is right, and has nothing to do in the console. */
      readonly reason: 'unknown' | 'banned' | 'unavailable' | 'code-needed' | 'role';
    };

/** Sessions as a process without the state store has them. */
export interface SessionReplica extends SessionRegistry {
  /** Takes the retained topic `sessions`. */
  apply(told: unknown): void;
  /** The session behind a secret, which counts as a sign of life; `undefined`: it is over or never was. */
  find(secret: string): SharedSession | undefined;
  signIn(attempt: SignIn): Promise<SignedIn>;
  /** Resolves when every edge knows. */
  signOut(id: string): Promise<void>;
  /** `why`: as `Sessions` says it, or `control`: its memory of this session went with the process. */
  onClose(id: string, callback: (why: string) => void): void;
}

export interface SessionReplicaOptions {
  readonly link: ControlLink;
  readonly clock: Clock;
  readonly idleMs: number;
}

/** Control hears of the same session this often. */
const TOUCH_MS = 10_000;
const SIGN_IN_MS = 30_000;

export function createSessionReplica(options: SessionReplicaOptions): SessionReplica {
  return new Replica(options);
}

class Replica implements SessionReplica {
  readonly #options: SessionReplicaOptions;
  #byId: ReadonlyMap<string, SharedSession> = new Map();
  #byHash: ReadonlyMap<string, SharedSession> = new Map();
  /** When each was last seen here. */
  readonly #seenMs = new Map<string, number>();
  readonly #touchedMs = new Map<string, number>();
  readonly #callbacks = new Map<string, ((why: string) => void)[]>();
  /** Which run of control has told the last list. */
  #run: string | undefined;

  constructor(options: SessionReplicaOptions) {
    this.#options = options;
  }

  apply(told: unknown): void {
    if (!isTold(told)) throw identityErrors.IDENTITY_SNAPSHOT();
    const isAnother = this.#run !== undefined && told.run !== this.#run;
    this.#run = told.run;
    this.#byId = new Map(told.sessions.map((session) => [session.id, session]));
    this.#byHash = new Map(
      told.sessions.flatMap((session) => (session.hash === undefined ? [] : [[session.hash, session]])),
    );
    for (const map of [this.#seenMs, this.#touchedMs]) {
      for (const id of map.keys()) if (!this.#byId.has(id)) map.delete(id);
    }
    for (const [id, callbacks] of this.#callbacks) {
      if (this.#byId.has(id)) continue;
      this.#callbacks.delete(id);
      const why = told.ended?.[id] ?? (isAnother ? 'control' : 'closed');
      for (const callback of callbacks) callback(why);
    }
  }

  find(secret: string): SharedSession | undefined {
    const session = this.#byHash.get(hashToken(secret));
    if (session === undefined) return undefined;
    const now = this.#options.clock.now();
    const seen = Math.max(session.lastSeenAtMs, this.#seenMs.get(session.id) ?? 0);
    // Also while control is away, which would have ended it.
    if (now >= (session.endsAtMs ?? Infinity) || now - seen >= this.#options.idleMs) return undefined;
    this.touch(session.id);
    return session;
  }

  touch(id: string): void {
    const now = this.#options.clock.now();
    this.#seenMs.set(id, now);
    if (now - (this.#touchedMs.get(id) ?? -Infinity) < TOUCH_MS) return;
    if (this.#options.link.post('sessions.touch', { id })) this.#touchedMs.set(id, now);
  }

  async signIn(attempt: SignIn): Promise<SignedIn> {
    const answer = await this.#options.link.call('sessions.signIn', attempt, SIGN_IN_MS);
    // Control answers what `serveSessions` returns.
    return answer as SignedIn;
  }

  async signOut(id: string): Promise<void> {
    await this.#options.link.call('sessions.signOut', { id });
  }

  async open(entry: SessionEntry): Promise<string> {
    return String(await this.#options.link.call('sessions.open', entry));
  }

  async close(id: string, actor: string): Promise<void> {
    await this.#options.link.call('sessions.close', { id, actor });
  }

  list() {
    return [...this.#byId.values()];
  }

  onClose(id: string, callback: (why: string) => void): void {
    const callbacks = this.#callbacks.get(id);
    if (callbacks !== undefined) callbacks.push(callback);
    else if (this.#byId.has(id)) this.#callbacks.set(id, [callback]);
    else callback('closed');
  }
}

interface Told {
  readonly sessions: readonly SharedSession[];
  readonly run?: string;
  readonly ended?: Readonly<Record<string, string>>;
}

function isTold(told: unknown): told is Told {
  return (
    typeof told === 'object' &&
    told !== null &&
    'sessions' in told &&
    Array.isArray(told.sessions) &&
    told.sessions.every(isShared)
  );
}

function isShared(session: unknown): boolean {
  if (typeof session !== 'object' || session === null) return false;
  const { id, kind, user, role, lastSeenAtMs } = session as Readonly<Record<string, unknown>>;
  return (
    typeof id === 'string' &&
    SESSION_KINDS.some((each) => each === kind) &&
    typeof user === 'string' &&
    typeof role === 'string' &&
    isRole(role) &&
    typeof lastSeenAtMs === 'number'
  );
}

export function isSessionEntry(data: unknown): data is SessionEntry {
  if (typeof data !== 'object' || data === null) return false;
  const { kind, user, role, source } = data as Readonly<Record<string, unknown>>;
  return (
    SESSION_KINDS.some((each) => each === kind) &&
    typeof user === 'string' &&
    typeof role === 'string' &&
    isRole(role) &&
    typeof source === 'string'
  );
}
