import type { Clock } from '../../kernel/index.ts';
import { fingerprint, keyLine, parseKeyLine } from '../../protocols/ssh-keys/index.ts';
import type { ChangeBy, State, StateTransaction } from '../state/index.ts';
import { readUsers } from './accounts.ts';
import { CodeFailures } from './code-failures.ts';
import { identityErrors } from './errors.ts';
import { userName } from './names.ts';
import type { Sealing } from './sealing.io.ts';
import { base32, TOTP_SECRET_BYTES, totpStep, totpUri } from './totp.ts';

/** What accounts have besides their password: public keys for SSH, and a second factor. In control. */
export interface Authenticators {
  keys(user?: string): Promise<readonly KeyRow[]>;
  addKey(user: string, line: string, by: string): Promise<KeyRow>;
  /** By fingerprint or comment. */
  removeKey(user: string, which: string, by: string): Promise<KeyRow>;
  hasKey(user: string, blob: Uint8Array): Promise<boolean>;
  /** Makes a secret, or shows again the one that waits for its first code. */
  beginTotp(user: string, by: string): Promise<{ readonly secret: string; readonly uri: string }>;
  confirmTotp(user: string, code: string, by: string): Promise<void>;
  removeTotp(user: string, by: string): Promise<void>;
  /** Asked when the password was right. */
  secondFactor(attempt: CodeAttempt): Promise<SecondFactor>;
  totpUsers(): Promise<readonly string[]>;
}

export interface CodeAttempt {
  readonly user: string;
  readonly code: string | undefined;
  readonly source: string;
}

export type SecondFactor = 'none' | 'right' | 'needed' | 'wrong' | 'banned';

export interface KeyRow {
  readonly user: string;
  readonly fingerprint: string;
  readonly type: string;
  readonly comment: string;
  readonly createdAtMs: number;
}

export interface AuthenticatorOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly random: (count: number) => Uint8Array;
  readonly sealing: Sealing;
  readonly login: () => { readonly failuresMax: number; readonly banMs: number };
}

/** Keys of one account; nobody carries more. */
export const KEYS_OF_USER_MAX = 100;
const COMMENT_CHARS_MAX = 200;
const ISSUER = 'Sallyport';

export function createAuthenticators(options: AuthenticatorOptions): Authenticators {
  return new StoredAuthenticators(options);
}

/** A code is taken for a minute and a half: many times the steps in which one could come again. */
const USED_STEPS_MAX = 32;

class StoredAuthenticators implements Authenticators {
  readonly #options: AuthenticatorOptions;
  readonly #state: State;
  readonly #failures: CodeFailures;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#failures = new CodeFailures(options.clock, options.login);
  }

  keys(user?: string): Promise<readonly KeyRow[]> {
    const name = user === undefined ? undefined : userName(user);
    return this.#state.read(async (tx) => {
      if (name !== undefined) await requireUser(tx, name);
      return (await readKeys(tx)).filter((row) => name === undefined || row.user === name);
    });
  }

  async addKey(user: string, line: string, by: string): Promise<KeyRow> {
    const name = userName(user);
    const parsed = keyOf(line);
    const comment = parsed.comment.slice(0, COMMENT_CHARS_MAX);
    const row: KeyRow = {
      user: name,
      fingerprint: fingerprint(parsed.key.blob),
      type: parsed.key.type,
      comment,
      createdAtMs: Math.floor(this.#options.clock.now()),
    };
    const details = { name, fingerprint: row.fingerprint };
    await this.#change(by, 'user.key-add', `add an SSH key of ${name}`, details, async (tx) => {
      await requireUser(tx, name);
      const own = (await readKeys(tx)).filter((each) => each.user === name);
      if (own.some((each) => each.fingerprint === row.fingerprint)) {
        throw identityErrors.IDENTITY_EXISTS({ what: 'key', name: row.fingerprint });
      }
      if (own.length >= KEYS_OF_USER_MAX) {
        throw identityErrors.IDENTITY_FULL({ what: 'key', max: KEYS_OF_USER_MAX });
      }
      await insertKey(tx, name, keyLine(parsed.key, comment), row.createdAtMs);
    });
    return row;
  }

  async removeKey(user: string, which: string, by: string): Promise<KeyRow> {
    const name = userName(user);
    const found: KeyRow[] = [];
    const details = { name, key: which.slice(0, 100) };
    await this.#change(by, 'user.key-remove', `remove an SSH key of ${name}`, details, async (tx) => {
      const own = (await readKeys(tx)).filter((row) => row.user === name);
      found.push(...own.filter((row) => row.fingerprint === which || row.comment === which));
      const [row] = found;
      if (row === undefined || found.length > 1) {
        throw identityErrors.IDENTITY_MISSING({ what: 'user key', name: which.slice(0, 100) });
      }
      await deleteKey(tx, name, row.fingerprint);
    });
    return found[0]!; // the change would have been refused
  }

  hasKey(user: string, blob: Uint8Array): Promise<boolean> {
    const mark = fingerprint(blob);
    return this.#state.read(async (tx) => {
      const row = await tx
        .selectFrom('user_keys')
        .select('fingerprint')
        .where('user', '=', user)
        .where('fingerprint', '=', mark)
        .executeTakeFirst();
      return row !== undefined;
    });
  }

  async beginTotp(user: string, by: string) {
    const name = userName(user);
    const { random, sealing } = this.#options;
    const waiting = await this.#state.read(async (tx) => {
      await requireUser(tx, name);
      return readTotp(tx, name);
    });
    if (waiting !== undefined && waiting.confirmed_at_ms !== null) {
      throw identityErrors.IDENTITY_TOTP_ON({ user: name });
    }
    const secret = waiting === undefined ? random(TOTP_SECRET_BYTES) : this.#secretOf(name, waiting.sealed);
    if (waiting === undefined) {
      const sealed = sealing.seal(labelOf(name), secret);
      await this.#change(by, 'user.totp-begin', `begin a second factor of ${name}`, { name }, async (tx) => {
        await requireUser(tx, name);
        await tx
          .insertInto('user_totp')
          .values({ user: name, sealed, confirmed_at_ms: null, last_step: 0, used_steps: '[]' })
          .execute();
      });
    }
    return { secret: base32(secret), uri: totpUri(secret, name, ISSUER) };
  }

  async confirmTotp(user: string, code: string, by: string): Promise<void> {
    const name = userName(user);
    const row = await this.#state.read((tx) => readTotp(tx, name));
    if (row === undefined || row.confirmed_at_ms !== null) {
      throw identityErrors.IDENTITY_TOTP_OFF({ user: name });
    }
    const now = Math.floor(this.#options.clock.now());
    const step = totpStep(this.#secretOf(name, row.sealed), code, now, row.last_step);
    if (step === undefined) throw identityErrors.IDENTITY_TOTP_CODE({ user: name });
    await this.#change(by, 'user.totp-enable', `second factor of ${name}`, { name }, async (tx) => {
      await tx
        .updateTable('user_totp')
        .set({ confirmed_at_ms: now, last_step: step, used_steps: JSON.stringify([step]) })
        .where('user', '=', name)
        .execute();
    });
  }

  async removeTotp(user: string, by: string): Promise<void> {
    const name = userName(user);
    await this.#change(by, 'user.totp-disable', `no second factor of ${name}`, { name }, async (tx) => {
      if ((await readTotp(tx, name)) === undefined) {
        throw identityErrors.IDENTITY_MISSING({ what: 'second factor', name });
      }
      await tx.deleteFrom('user_totp').where('user', '=', name).execute();
    });
  }

  async secondFactor({ user, code, source }: CodeAttempt): Promise<SecondFactor> {
    const row = await this.#state.read((tx) => readTotp(tx, user));
    if (row === undefined || row.confirmed_at_ms === null) return 'none';
    if (this.#failures.isBanned(source, user)) return 'banned';
    if (code === undefined || code === '') return 'needed';
    const step = totpStep(this.#secretOf(user, row.sealed), code, this.#options.clock.now(), row.last_step);
    if (step === undefined || !(await this.#use(user, step, row.last_step))) {
      if (this.#failures.add(source, user)) {
        await this.#state.audit({
          actor: user,
          source,
          action: 'login.ban',
          outcome: 'refused',
          details: { what: 'code' },
        });
      }
      return 'wrong';
    }
    this.#failures.clear(source, user);
    return 'right';
  }

  totpUsers(): Promise<readonly string[]> {
    return this.#state.read(async (tx) => {
      const rows = await tx
        .selectFrom('user_totp')
        .select('user')
        .where('confirmed_at_ms', 'is not', null)
        .execute();
      return rows.map(({ user }) => user);
    });
  }

  /** Of two who show one code at the same time, one comes first. */
  #use(user: string, step: number, lastStep: number): Promise<boolean> {
    return this.#state.note(async (tx) => {
      const row = await readTotp(tx, user);
      const used = row === undefined ? [] : stepsIn(row.used_steps);
      if (row === undefined || row.last_step !== lastStep || used.includes(step)) return false;
      const used_steps = JSON.stringify([...used, step].slice(-USED_STEPS_MAX));
      await tx
        .updateTable('user_totp')
        .set({ last_step: step, used_steps })
        .where('user', '=', user)
        .execute();
      return true;
    });
  }

  #secretOf(user: string, sealed: string): Buffer {
    const secret = this.#options.sealing.unseal(labelOf(user), sealed);
    if (secret === undefined) throw identityErrors.IDENTITY_TOTP_SEALED({ user });
    return secret;
  }

  #change(
    by: string,
    action: string,
    summary: string,
    details: NonNullable<ChangeBy['details']>,
    work: (tx: StateTransaction) => Promise<void>,
  ): Promise<void> {
    return this.#state.change({ author: by, action, summary, details }, work);
  }
}

/** Keys of all users, by user and age. */
export async function readKeys(
  tx: StateTransaction,
): Promise<readonly (KeyRow & { readonly line: string })[]> {
  const rows = await tx
    .selectFrom('user_keys')
    .selectAll()
    .orderBy('user')
    .orderBy('created_at_ms')
    .execute();
  return rows.map(({ user, fingerprint: mark, line, created_at_ms: createdAtMs }) => {
    const [type = '', , ...comment] = line.split(' ');
    return { user, fingerprint: mark, type, comment: comment.join(' '), createdAtMs, line };
  });
}

export async function insertKey(
  tx: StateTransaction,
  user: string,
  line: string,
  nowMs: number,
): Promise<void> {
  const { key } = keyOf(line);
  await tx
    .insertInto('user_keys')
    .values({ user, fingerprint: fingerprint(key.blob), line, created_at_ms: nowMs })
    .execute();
}

export async function deleteKey(tx: StateTransaction, user: string, mark: string): Promise<void> {
  await tx.deleteFrom('user_keys').where('user', '=', user).where('fingerprint', '=', mark).execute();
}

/** Throws IDENTITY_KEY. */
export function keyOf(line: string): NonNullable<ReturnType<typeof parseKeyLine>> {
  const parsed = /\p{Cc}/u.test(line) ? undefined : parseKeyLine(line);
  if (parsed === undefined) throw identityErrors.IDENTITY_KEY();
  return parsed;
}

/** True when a password alone does not sign the user in. */
export async function hasSecondFactor(tx: StateTransaction, user: string): Promise<boolean> {
  const row = await readTotp(tx, user);
  return row !== undefined && row.confirmed_at_ms !== null;
}

function readTotp(tx: StateTransaction, user: string) {
  return tx.selectFrom('user_totp').selectAll().where('user', '=', user).executeTakeFirst();
}

async function requireUser(tx: StateTransaction, name: string): Promise<void> {
  if (!(await readUsers(tx)).some((known) => known.name === name)) {
    throw identityErrors.IDENTITY_MISSING({ what: 'user', name });
  }
}

function stepsIn(text: string): readonly number[] {
  const steps: unknown = JSON.parse(text);
  return Array.isArray(steps) ? steps.map(Number) : [];
}

function labelOf(user: string): string {
  return `sallyport totp ${user}`;
}
