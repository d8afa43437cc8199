import { createHmac } from 'node:crypto';
import type { Clock, ControlLink, MaybePromise } from '../../kernel/index.ts';
import { isPlausible, parseAuthorization, type Credentials } from './credentials.ts';
import { identityErrors } from './errors.ts';
import { allows, ROLE_SCOPES, type Role, type Scope } from './scopes.ts';
import { isIdentitySnapshot, type SnapshotToken } from './snapshot.ts';
import { hashToken, TOKEN_PREFIX } from './token.ts';

export type AuthResult =
  | {
      readonly ok: true;
      /** The account, or `token:<name>`: a user name that came along with a token proves nothing. */
      readonly user: string;
      readonly via: 'token' | 'password';
      readonly scopes: readonly Scope[];
      readonly tokenName?: string;
    }
  | { readonly ok: false; readonly reason: AuthRefusal };

/**
 * `missing`: nothing was shown. `malformed`: it cannot be read. `unknown`: no such token, or user and password
 * do not fit. `expired` and `scope`: a real one that may not. `banned`: too many wrong passwords.
 * `unavailable`: nobody can say now.
 */
export type AuthRefusal =
  | 'missing'
  | 'malformed'
  | 'unknown'
  | 'expired'
  | 'scope'
  | 'banned'
  | 'unavailable';

/** Who is behind a connection, in an edge. Tokens are answered at once, passwords by control. */
export interface IdentityReplica {
  /** Takes the retained topic `identity`. */
  apply(snapshot: unknown): void;
  /** `credentials`: parsed, or the value of (Proxy-)Authorization as it came. */
  authenticate(
    credentials: Credentials | string | undefined,
    source: string,
    scopeNeeded?: Scope,
  ): MaybePromise<AuthResult>;
}

export interface ReplicaOptions {
  readonly link: ControlLink;
  readonly clock: Clock;
  readonly random: (count: number) => Uint8Array;
  readonly limits?: Partial<ReplicaLimits>;
}

export interface ReplicaLimits {
  /** Right passwords that are remembered, and for how long. */
  readonly cacheEntriesMax: number;
  readonly cacheMs: number;
  /** Passwords that control is being asked about; beyond it the answer is `unavailable`. */
  readonly pendingMax: number;
  readonly verifyTimeoutMs: number;
}

const LIMITS: ReplicaLimits = {
  cacheEntriesMax: 10_000,
  cacheMs: 60_000,
  pendingMax: 64,
  verifyTimeoutMs: 10_000,
};
/** How often control hears that a token is in use. */
const USED_MS = 60_000;

export function createIdentityReplica(options: ReplicaOptions): IdentityReplica {
  return new Replica(options);
}

class Replica implements IdentityReplica {
  readonly #link: ControlLink;
  readonly #clock: Clock;
  readonly #limits: ReplicaLimits;
  /** Of this process alone: what is in the cache is worth nothing elsewhere. */
  readonly #key: Uint8Array;
  #version: string | undefined;
  #tokens: ReadonlyMap<string, SnapshotToken> = new Map();
  #users: ReadonlyMap<string, Role> = new Map();
  /** HMAC of source, user and password → when it is asked again, in the order of that time. */
  readonly #verified = new Map<string, number>();
  readonly #pending = new Map<string, Promise<AuthRefusal | 'right'>>();
  readonly #usedAt = new Map<string, number>();

  constructor({ link, clock, random, limits }: ReplicaOptions) {
    this.#link = link;
    this.#clock = clock;
    this.#key = random(32);
    this.#limits = { ...LIMITS, ...limits };
  }

  apply(snapshot: unknown): void {
    if (!isIdentitySnapshot(snapshot)) throw identityErrors.IDENTITY_SNAPSHOT();
    this.#tokens = new Map(snapshot.tokens.map((token) => [token.hash, token]));
    this.#users = new Map(snapshot.users.map(({ name, role }) => [name, role]));
    if (snapshot.version !== this.#version) {
      this.#verified.clear();
      this.#usedAt.clear();
    }
    this.#version = snapshot.version;
  }

  authenticate(
    shown: Credentials | string | undefined,
    source: string,
    scopeNeeded?: Scope,
  ): MaybePromise<AuthResult> {
    const credentials = typeof shown === 'object' ? shown : parseAuthorization(shown);
    if (typeof credentials === 'string') return refused(credentials);
    if (this.#version === undefined) return refused('unavailable');
    if (credentials.scheme !== 'basic') return this.#byToken(credentials.token, scopeNeeded);
    const { password } = credentials;
    if (password.startsWith(TOKEN_PREFIX)) return this.#byToken(password, scopeNeeded);
    return this.#byPassword(credentials.user.toLowerCase(), password, source, scopeNeeded);
  }

  #byToken(text: string, scopeNeeded: Scope | undefined): AuthResult {
    if (text === '') return refused('missing');
    const token = this.#tokens.get(hashToken(text));
    if (token === undefined) return refused('unknown');
    const { name, scopes, expiresAtMs } = token;
    const now = this.#clock.now();
    if (expiresAtMs !== undefined && expiresAtMs <= now) return refused('expired');
    if (!allows(scopes, scopeNeeded)) return refused('scope');
    if (
      now - (this.#usedAt.get(name) ?? -Infinity) >= USED_MS &&
      this.#link.post('identity.used', { name })
    ) {
      this.#usedAt.set(name, now);
    }
    return { ok: true, user: `token:${name}`, via: 'token', scopes, tokenName: name };
  }

  #byPassword(
    user: string,
    password: string,
    source: string,
    scopeNeeded: Scope | undefined,
  ): MaybePromise<AuthResult> {
    // An empty password never reaches anybody: directories take a bind without one for anonymous success.
    if (!isPlausible(user, password)) return refused('unknown');
    // The source belongs to the key: from a banned one, a right guess must not be told from a wrong one.
    const key = createHmac('sha256', this.#key).update(`${source}\0${user}\0${password}`).digest('base64');
    const until = this.#verified.get(key);
    if (until !== undefined && until > this.#clock.monotonic()) return this.#permitted(user, scopeNeeded);
    const pending = this.#pending.get(key) ?? this.#ask(key, user, password, source);
    if (pending === undefined) return refused('unavailable');
    return pending.then((answer) =>
      answer === 'right' ? this.#permitted(user, scopeNeeded) : refused(answer),
    );
  }

  #permitted(user: string, scopeNeeded: Scope | undefined): AuthResult {
    const role = this.#users.get(user);
    if (role === undefined) return refused('unknown');
    const scopes = ROLE_SCOPES[role];
    return allows(scopes, scopeNeeded) ? { ok: true, user, via: 'password', scopes } : refused('scope');
  }

  #ask(key: string, user: string, password: string, source: string) {
    if (this.#pending.size >= this.#limits.pendingMax) return undefined;
    const version = this.#version;
    const pending = this.#link
      .call('identity.verifyPassword', { user, password, source }, this.#limits.verifyTimeoutMs)
      .then((answer): AuthRefusal | 'right' => {
        if (!isRight(answer)) return refusalIn(answer);
        // Asked before a change, answered after it: good for this once, not to be remembered.
        if (version === this.#version) this.#remember(key);
        return 'right';
      })
      // Control is away, slow or refuses: the cause is in its log, the client may try again.
      .catch((): AuthRefusal => 'unavailable')
      .finally(() => this.#pending.delete(key));
    this.#pending.set(key, pending);
    return pending;
  }

  #remember(key: string): void {
    this.#verified.delete(key);
    if (this.#verified.size >= this.#limits.cacheEntriesMax) {
      const [oldest] = this.#verified.keys();
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    this.#verified.set(key, this.#clock.monotonic() + this.#limits.cacheMs);
  }
}

function refused(reason: AuthRefusal): AuthResult {
  return { ok: false, reason };
}

function isRight(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true;
}

function refusalIn(answer: unknown): AuthRefusal {
  const reason =
    typeof answer === 'object' && answer !== null && 'reason' in answer ? answer.reason : undefined;
  return reason === 'unknown' || reason === 'banned' ? reason : 'unavailable';
}
