import type { Clock, EdgeLinks, Log } from '../../kernel/index.ts';
import type { State } from '../state/index.ts';
import {
  deleteToken,
  deleteUser,
  hasAdmin,
  insertToken,
  insertUser,
  readSnapshot,
  readTokens,
  readUsers,
  requireAdmin,
  updateUser,
  type TokenRow,
  type UserRow,
} from './accounts.ts';
import { hasSecondFactor } from './authenticators.ts';
import { identityErrors } from './errors.ts';
import { removeInitialPassword } from './initial-password.io.ts';
import { Logins, type Attempt, type PasswordAnswer } from './logins.ts';
import { roleNamed, scopesNamed, tokenName, userName } from './names.ts';
import { hashPassword, weaknessOf } from './password.ts';
import type { IdentitySnapshot } from './snapshot.ts';
import { hashToken, newToken } from './token.ts';

/** Users, passwords and tokens, in control. Every change resolves when all live edges know it. */
export interface IdentityAdmin {
  /** Answers the edges and publishes the topic `identity`. Once, at the start of control. */
  start(): Promise<void>;
  identitySnapshot(): Promise<IdentitySnapshot>;
  /**
   * While nobody can sign in as an admin, which is so on the first start: makes the account `admin`, with this
   * password or a random one, which is returned so that somebody can be told. Later it does nothing.
   */
  ensureAdmin(
    password?: string,
  ): Promise<{ readonly created: boolean; readonly generatedPassword: string | undefined }>;
  verifyPassword(attempt: Attempt): Promise<PasswordAnswer>;
  /** The token in the answer exists nowhere else: it is shown once. */
  createToken(token: NewToken, by: string): Promise<{ readonly token: string; readonly row: TokenRow }>;
  tokens(): Promise<readonly TokenRow[]>;
  revokeToken(name: string, by: string): Promise<void>;
  addUser(user: NewUser, by: string): Promise<void>;
  users(): Promise<readonly UserRow[]>;
  removeUser(name: string, by: string): Promise<void>;
  setPassword(name: string, password: string, by: string): Promise<void>;
  setRole(name: string, role: string, by: string): Promise<void>;
}

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Life from now; absent: without end. */
  readonly lifeMs?: number | undefined;
}

export interface NewUser {
  readonly name: string;
  readonly role: string;
  readonly password: string;
}

export interface IdentityOptions {
  readonly state: State;
  /** `undefined` on a stopped gateway: there is nobody to tell. */
  readonly links: EdgeLinks | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (count: number) => Uint8Array;
  /** `login` of the configuration, as it is now. */
  readonly login: () => { readonly failuresMax: number; readonly banMs: number };
  /** A source has guessed too often. */
  readonly banned?: (who: { readonly user: string; readonly source: string }) => void;
}

/** How exact the time of last use is. */
const USED_MS = 60_000;

export function createIdentity(options: IdentityOptions): IdentityAdmin {
  return new Identity(options);
}

class Identity implements IdentityAdmin {
  readonly #options: IdentityOptions;
  readonly #state: State;
  readonly #logins: Logins;
  /** Two runs of control never use the same version, also when a backup was restored in between. */
  readonly #boot: string;
  #published: string | undefined;

  constructor(options: IdentityOptions) {
    const { state, clock, random, login } = options;
    this.#options = options;
    this.#state = state;
    this.#boot = Buffer.from(random(8)).toString('hex');
    this.#logins = new Logins({
      clock,
      random,
      limits: login,
      lookup: (user) => this.#passwordOf(user),
      onBan: (who) => this.#banned(who),
    });
    state.onChange(() => this.#publish());
  }

  async start(): Promise<void> {
    const { links } = this.#options;
    links?.handle('identity.verifyPassword', (params) => {
      const attempt = attemptIn(params);
      return attempt === undefined ? { ok: false, reason: 'unknown' } : this.#verifyAlone(attempt);
    });
    links?.onPost('identity.used', (data) => this.#used(data));
    await this.#publish();
  }

  identitySnapshot(): Promise<IdentitySnapshot> {
    return this.#state.read((tx) => readSnapshot(tx, this.#boot));
  }

  async ensureAdmin(given?: string) {
    if (await this.#state.read(hasAdmin)) return { created: false, generatedPassword: undefined };
    // 120 bits, easy to select with a double click.
    const password =
      given ?? Buffer.from(this.#options.random(15)).toString('base64url').replaceAll('-', '_');
    const hash = await this.#hashed('admin', password);
    const by = {
      author: 'local',
      action: 'user.add',
      summary: 'make the first account, admin',
      details: { name: 'admin' },
    };
    await this.#state.change(by, async (tx) => {
      // A document that was applied before the first start may have brought it, without a password.
      const known = (await readUsers(tx)).some(({ name }) => name === 'admin');
      const password_at_ms = this.#nowMs();
      if (known) await updateUser(tx, 'admin', { role: 'admin', password: hash, password_at_ms });
      else await insertUser(tx, password_at_ms, { name: 'admin', role: 'admin', password: hash });
    });
    return { created: true, generatedPassword: given === undefined ? password : undefined };
  }

  verifyPassword({ user, password, source }: Attempt): Promise<PasswordAnswer> {
    return this.#logins.verify({ user: user.toLowerCase(), password, source });
  }

  /** Where nobody can ask for a code, a password with a second factor is none: tokens are for that. */
  async #verifyAlone(attempt: Attempt): Promise<PasswordAnswer> {
    const answer = await this.verifyPassword(attempt);
    if (!answer.ok) return answer;
    const isHalf = await this.#state.read((tx) => hasSecondFactor(tx, attempt.user.toLowerCase()));
    return isHalf ? { ok: false, reason: 'unknown' } : answer;
  }

  async createToken({ name, scopes, lifeMs }: NewToken, by: string) {
    const { random } = this.#options;
    const token = newToken(random);
    const now = this.#nowMs();
    const row: TokenRow = {
      name: tokenName(name),
      scopes: scopesNamed(scopes),
      createdAtMs: now,
      createdBy: by,
      expiresAtMs: lifeMs === undefined ? undefined : now + lifeMs,
      lastUsedAtMs: undefined,
    };
    const details = { name, scopes: row.scopes };
    const summary = `create token ${name}`;
    await this.#state.change({ author: by, action: 'token.create', summary, details }, async (tx) => {
      if ((await readTokens(tx)).some((known) => known.name === name)) {
        throw identityErrors.IDENTITY_EXISTS({ what: 'token', name });
      }
      await insertToken(tx, { ...row, hash: hashToken(token) });
    });
    return { token, row };
  }

  tokens() {
    return this.#state.read(readTokens);
  }

  async revokeToken(name: string, by: string): Promise<void> {
    const change = { author: by, action: 'token.revoke', summary: `revoke token ${name}`, details: { name } };
    await this.#state.change(change, async (tx) => {
      if (!(await readTokens(tx)).some((known) => known.name === name)) {
        throw identityErrors.IDENTITY_MISSING({ what: 'token', name });
      }
      await deleteToken(tx, name);
    });
  }

  async addUser(user: NewUser, by: string): Promise<void> {
    const name = userName(user.name);
    const role = roleNamed(user.role);
    const password = await this.#hashed(name, user.password);
    const change = {
      author: by,
      action: 'user.add',
      summary: `add user ${name} as ${role}`,
      details: { name, role },
    };
    await this.#state.change(change, async (tx) => {
      if ((await readUsers(tx)).some((known) => known.name === name)) {
        throw identityErrors.IDENTITY_EXISTS({ what: 'user', name });
      }
      await insertUser(tx, this.#nowMs(), { name, role, password });
    });
  }

  users() {
    return this.#state.read(readUsers);
  }

  async removeUser(text: string, by: string): Promise<void> {
    const name = userName(text);
    const change = { author: by, action: 'user.remove', summary: `remove user ${name}`, details: { name } };
    await this.#state.change(change, async (tx) => {
      await requireUser(tx, name);
      await deleteUser(tx, name);
      await requireAdmin(tx);
    });
    if (name === 'admin') removeInitialPassword(this.#state.dataDir);
  }

  async setPassword(text: string, password: string, by: string): Promise<void> {
    const name = userName(text);
    const hash = await this.#hashed(name, password);
    const change = {
      author: by,
      action: 'user.passwd',
      summary: `set the password of ${name}`,
      details: { name },
    };
    await this.#state.change(change, async (tx) => {
      await requireUser(tx, name);
      await updateUser(tx, name, { password: hash, password_at_ms: this.#nowMs() });
    });
    if (name === 'admin') removeInitialPassword(this.#state.dataDir);
  }

  async setRole(text: string, given: string, by: string): Promise<void> {
    const name = userName(text);
    const role = roleNamed(given);
    const summary = `make ${name} ${role}`;
    await this.#state.change(
      { author: by, action: 'user.role', summary, details: { name, role } },
      async (tx) => {
        await requireUser(tx, name);
        await updateUser(tx, name, { role });
        await requireAdmin(tx);
      },
    );
  }

  async #hashed(user: string, password: string): Promise<string> {
    const reason = weaknessOf(password, user);
    if (reason !== undefined) throw identityErrors.IDENTITY_PASSWORD_WEAK({ user, reason });
    return hashPassword(password, this.#options.random);
  }

  #nowMs(): number {
    return Math.floor(this.#options.clock.now());
  }

  #passwordOf(user: string): Promise<string | null | undefined> {
    return this.#state.read(async (tx) => {
      const row = await tx.selectFrom('users').select('password').where('name', '=', user).executeTakeFirst();
      return row?.password;
    });
  }

  async #publish(): Promise<void> {
    const { links } = this.#options;
    if (links === undefined) return;
    const snapshot = await this.identitySnapshot();
    if (snapshot.version === this.#published) return;
    this.#published = snapshot.version;
    await links.publish('identity', snapshot);
  }

  #banned({ user, source }: { readonly user: string; readonly source: string }): void {
    const { log } = this.#options;
    log.warn('login.banned', { user, source });
    this.#options.banned?.({ user, source });
    this.#state
      .audit({ actor: user, source, action: 'login.banned', outcome: 'refused', details: { user } })
      .catch((error: unknown) => log.error('audit.failed', { error }));
  }

  #used(data: unknown): void {
    const name = typeof data === 'object' && data !== null && 'name' in data ? data.name : undefined;
    if (typeof name !== 'string') return;
    const { log } = this.#options;
    this.#state
      .note(async (tx) => {
        const now = this.#nowMs();
        // Every edge tells; a transaction that changes nothing costs no write to the disk.
        await tx
          .updateTable('tokens')
          .set({ last_used_at_ms: now })
          .where('name', '=', name)
          .where((is) =>
            is.or([is('last_used_at_ms', 'is', null), is('last_used_at_ms', '<', now - USED_MS)]),
          )
          .execute();
      })
      .catch((error: unknown) => log.warn('token.used-not-stored', { error }));
  }
}

async function requireUser(tx: Parameters<typeof readUsers>[0], name: string): Promise<void> {
  if (!(await readUsers(tx)).some((known) => known.name === name)) {
    throw identityErrors.IDENTITY_MISSING({ what: 'user', name });
  }
}

function attemptIn(params: unknown): Attempt | undefined {
  if (typeof params !== 'object' || params === null) return undefined;
  const { user, password, source } = params as Readonly<Record<string, unknown>>;
  if (typeof user !== 'string' || typeof password !== 'string' || typeof source !== 'string')
    return undefined;
  return { user, password, source };
}
