import type { Clock, MaybePromise } from '../../kernel/index.ts';
import type { RevokedMarks } from '../../protocols/ssh-keys/index.ts';
import { identityErrors } from './errors.ts';
import type { Role } from './scopes.ts';
import type { SessionEntry, SessionRow, SharedSession } from './session.ts';
import type { SessionStore } from './session-store.ts';
import { hashToken } from './token.ts';

/** Who is signed in, of the whole gateway. Control has it; other processes speak to it over the bus. */
export interface SessionRegistry {
  /** Gives the id. Rejects with IDENTITY_SESSIONS_FULL. */
  open(entry: SessionEntry): Promise<string>;
  /** They did something just now. */
  touch(id: string): void;
  /** Resolves when every edge knows. Rejects with IDENTITY_MISSING. */
  close(id: string, actor: string): Promise<void>;
  list(): MaybePromise<readonly SessionRow[]>;
  /** Called once when the session is over, whoever ended it; at once when it is over already. */
  onClose(id: string, callback: () => void): void;
}

export interface SessionLimits {
  /** Silence that ends a session of the console. */
  readonly idleMs: number;
  /** Its longest life. */
  readonly lifeMs: number;
  readonly sessionsMax: number;
  /** Of one user: one more ends the one that was silent for longest. */
  readonly perUserMax: number;
}

export interface SessionsOptions {
  readonly clock: Clock;
  readonly random: (count: number) => Uint8Array;
  /** Read each time, so that a reload takes effect at once. */
  readonly limits: () => SessionLimits;
  /** Tells the edges; resolves when all live ones know. `ended`: id → why, of those that ended since the last time. */
  publish(sessions: readonly SharedSession[], ended: Readonly<Record<string, string>>): Promise<void>;
  /** What is known by a secret outlives the process in it. */
  readonly store: SessionStore;
  /** What the store could not take is tried again by the next change or `sweep`. */
  notKept(error: unknown): void;
  /**
   * For audit and events. `why`: `logout`, `idle`, `expired`, `changed`, `replaced`, `closed`, `revoked` or `lost`.
   */
  ended(session: SessionRow, why: string, actor: string): void;
}

export interface Account {
  readonly role: Role;
  readonly passwordAtMs: number | undefined;
}

interface Session extends SharedSession {
  lastSeenAtMs: number;
  /** `lastSeenAtMs` as the edges were told it. */
  toldAtMs: number;
  passwordAtMs: number | undefined;
  /** Pid of the process that holds the connection. */
  readonly holder: number | undefined;
  /** What it was let in by, as `ssh revocation` names it. */
  readonly marks: readonly string[];
}

/** Of a connection that is a session. */
export interface Connected {
  readonly holder?: number;
  readonly account?: Account | undefined;
  readonly marks?: readonly string[];
}

/** Edges hear of activity this often. They count silence themselves, so it is part of what ends a session too early. */
const TELL_MS = 30_000;
/** 256 bits: it cannot be guessed, so a plain hash keeps it. */
const SECRET_BYTES = 32;

export class Sessions implements SessionRegistry {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #callbacks = new Map<string, (() => void)[]>();
  /** Ids of sessions whose own command sets the password of their user at this moment. */
  readonly #spared = new Set<string>();
  #endedWhy: Record<string, string> = {};

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Takes up what was kept, as far as the accounts still are what they were. Once, before anything else. */
  async start(accounts: ReadonlyMap<string, Account>): Promise<void> {
    for (const kept of await this.#options.store.load()) {
      this.#sessions.set(kept.id, { ...kept, toldAtMs: kept.lastSeenAtMs, holder: undefined, marks: [] });
      this.#callbacks.set(kept.id, []);
    }
    this.#endSilent();
    this.#endChanged(accounts);
    await this.#settle();
  }

  /** One that is known by its connection, and ends with it. */
  async open(entry: SessionEntry, { holder, account, marks = [] }: Connected = {}): Promise<string> {
    const { id } = this.#add(entry, { holder, marks, passwordAtMs: account?.passwordAtMs });
    await this.#settle();
    return id;
  }

  /** One that is known by a secret. The secret in the answer exists nowhere else. */
  async openWithSecret(entry: SessionEntry, account: Account) {
    const secret = Buffer.from(this.#options.random(SECRET_BYTES)).toString('base64url');
    const endsAtMs = this.#now() + this.#options.limits().lifeMs;
    const { passwordAtMs } = account;
    const { id } = this.#add(entry, { hash: hashToken(secret), endsAtMs, passwordAtMs });
    await this.#settle();
    return { id, secret, endsAtMs };
  }

  touch(id: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.lastSeenAtMs = this.#now();
    this.#keep(session);
    if (session.lastSeenAtMs - session.toldAtMs >= TELL_MS) void this.#publish();
  }

  async close(id: string, actor: string, why = 'closed'): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) {
      throw identityErrors.IDENTITY_MISSING({ what: 'session', name: id.slice(0, 80) });
    }
    this.#end(session, why, actor);
    await this.#settle();
  }

  list(): readonly SessionRow[] {
    return [...this.#sessions.values()].map(rowOf).toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  }

  onClose(id: string, callback: () => void): void {
    const callbacks = this.#callbacks.get(id);
    if (callbacks === undefined) callback();
    else callbacks.push(callback);
  }

  /** Ends what was silent or lived for too long, and writes down who was seen. Call it several times in a minute. */
  async sweep(): Promise<void> {
    const ended = this.#endSilent();
    await (ended > 0 ? this.#settle() : this.#write());
  }

  /** Accounts have changed: sessions end whose user is gone, may now do other things, or has a new password. */
  async reconcile(accounts: ReadonlyMap<string, Account>): Promise<void> {
    if (this.#endChanged(accounts) > 0) await this.#settle();
  }

  /** Ends what one of these would not let in any more. */
  async revoke(revoked: RevokedMarks): Promise<void> {
    const over = [...this.#sessions.values()].filter(({ marks }) => revoked.hasAny(marks));
    for (const session of over) this.#end(session, 'revoked', session.user);
    if (over.length > 0) await this.#settle();
  }

  /** The session in which a user sets a password of their own goes on; all others of that user end. */
  async sparing<T>(id: string | undefined, work: () => Promise<T>): Promise<T> {
    if (id === undefined) return work();
    this.#spared.add(id);
    try {
      return await work();
    } finally {
      this.#spared.delete(id);
    }
  }

  /** A process is gone, and the connections that it held. */
  async lost(holder: number): Promise<void> {
    const gone = [...this.#sessions.values()].filter((session) => session.holder === holder);
    for (const session of gone) this.#end(session, 'lost', session.user);
    if (gone.length > 0) await this.#settle();
  }

  userOf(id: string): string | undefined {
    return this.#sessions.get(id)?.user;
  }

  #add(
    entry: SessionEntry,
    more: Partial<Pick<Session, 'hash' | 'endsAtMs' | 'holder' | 'marks' | 'passwordAtMs'>>,
  ): Session {
    const { perUserMax, sessionsMax } = this.#options.limits();
    const own = [...this.#sessions.values()].filter(
      ({ user, kind }) => user === entry.user && kind === entry.kind,
    );
    const [quietest] = own.toSorted((a, b) => a.lastSeenAtMs - b.lastSeenAtMs);
    if (own.length >= perUserMax && quietest !== undefined) this.#end(quietest, 'replaced', entry.user);
    if (this.#sessions.size >= sessionsMax) throw identityErrors.IDENTITY_SESSIONS_FULL({ max: sessionsMax });
    const now = this.#now();
    const { kind, user, role, source } = entry;
    const session: Session = {
      id: Buffer.from(this.#options.random(8)).toString('hex'),
      kind,
      user,
      role,
      source,
      startedAtMs: now,
      lastSeenAtMs: now,
      toldAtMs: now,
      holder: undefined,
      marks: [],
      passwordAtMs: undefined,
      ...more,
    };
    this.#sessions.set(session.id, session);
    this.#callbacks.set(session.id, []);
    this.#keep(session);
    return session;
  }

  #end(session: Session, why: string, actor: string): void {
    this.#sessions.delete(session.id);
    const callbacks = this.#callbacks.get(session.id) ?? [];
    this.#callbacks.delete(session.id);
    if (session.hash !== undefined) this.#options.store.note(session.id, undefined);
    this.#endedWhy[session.id] = why;
    this.#options.ended(rowOf(session), why, actor);
    for (const callback of callbacks) callback();
  }

  #endSilent(): number {
    const now = this.#now();
    const { idleMs } = this.#options.limits();
    let ended = 0;
    for (const session of this.#sessions.values()) {
      if (session.hash === undefined) continue;
      const isOld = session.endsAtMs !== undefined && session.endsAtMs <= now;
      // Seen in a time to come: it was made while the clock was ahead, and would not end for as long.
      if (!isOld && Math.abs(now - session.lastSeenAtMs) < idleMs) continue;
      this.#end(session, isOld ? 'expired' : 'idle', session.user);
      ended++;
    }
    return ended;
  }

  #endChanged(accounts: ReadonlyMap<string, Account>): number {
    let ended = 0;
    for (const session of this.#sessions.values()) {
      const account = accounts.get(session.user);
      const isSame =
        account?.role === session.role &&
        (session.passwordAtMs === account.passwordAtMs || this.#spared.has(session.id));
      if (!isSame) {
        this.#end(session, 'changed', session.user);
        ended++;
      } else if (session.passwordAtMs !== account.passwordAtMs) {
        session.passwordAtMs = account.passwordAtMs;
        this.#keep(session);
      }
    }
    return ended;
  }

  #keep(session: Session): void {
    const { hash, endsAtMs, passwordAtMs } = session;
    if (hash === undefined || endsAtMs === undefined) return;
    this.#options.store.note(session.id, { ...rowOf(session), hash, endsAtMs, passwordAtMs });
  }

  /** Tells the edges and writes it down: whoever waits for this may rely on both. */
  async #settle(): Promise<void> {
    await Promise.all([this.#publish(), this.#write()]);
  }

  /** A full disk lets people sign in and out all the same. */
  #write(): Promise<void> {
    return this.#options.store.flush().catch((error: unknown) => this.#options.notKept(error));
  }

  #publish(): Promise<void> {
    const ended = this.#endedWhy;
    this.#endedWhy = {};
    return this.#options.publish(
      [...this.#sessions.values()].map((session) => {
        session.toldAtMs = session.lastSeenAtMs;
        const { hash, endsAtMs } = session;
        return {
          ...rowOf(session),
          ...(hash === undefined ? {} : { hash }),
          ...(endsAtMs === undefined ? {} : { endsAtMs }),
        };
      }),
      ended,
    );
  }

  #now(): number {
    return Math.floor(this.#options.clock.now());
  }
}

function rowOf({ id, kind, user, role, source, startedAtMs, lastSeenAtMs }: SessionRow): SessionRow {
  return { id, kind, user, role, source, startedAtMs, lastSeenAtMs };
}
