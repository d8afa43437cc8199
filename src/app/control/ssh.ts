import type { Config } from '../../engines/config/index.ts';
import {
  accountsOf,
  SshLogins,
  type Authenticators,
  type HostKeys,
  type IdentityAdmin,
  type Revocations,
  type Sessions,
  type SshLogin,
} from '../../engines/identity/index.ts';
import type { State } from '../../engines/state/index.ts';
import type {
  Clock,
  Command,
  CommandIo,
  EdgeLinks,
  EdgeName,
  Input,
  Log,
  Result,
  Suggestion,
} from '../../kernel/index.ts';
import { urlRedactor } from '../../protocols/url/index.ts';
import { appErrors } from '../errors.ts';
import { lineOf, overSsh, refuseFiles } from './ssh-commands.ts';
import { isCommandCall } from './socket.io.ts';

export interface ServeSshOptions {
  readonly links: EdgeLinks;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: () => Config;
  readonly identity: IdentityAdmin;
  readonly authenticators: Authenticators;
  readonly revocations: Revocations;
  readonly sessions: Sessions;
  readonly state: State;
  readonly hostKeys: () => Promise<HostKeys>;
  /** Names of things for Tab. */
  suggest(kind: Suggestion): Promise<readonly string[]>;
  commands(): Promise<readonly Command[]>;
  run(command: Command, input: Input, io: CommandIo): Promise<Result>;
}

/** Answers the process of the SSH door: who may sign in, and what a session runs. */
export function serveSsh(options: ServeSshOptions): void {
  const { links, sessions, state, identity, authenticators, revocations } = options;
  const logins = new SshLogins({
    clock: options.clock,
    identity,
    authenticators,
    revocations,
    settings: () => options.config().ssh,
  });

  const opened = async (login: SshLogin, source: string, door: EdgeName): Promise<unknown> => {
    if (!login.ok) return login;
    const { account, restrictions, by, marks } = login;
    const entry = { kind: 'ssh', user: account.name, role: account.role, source } as const;
    const now = (await accountsOf(identity)).get(account.name);
    const session = await sessions.open(entry, { holder: door.pid, account: now, marks });
    // What was revoked while the signature was checked ends the session that began meanwhile.
    await sessions.revoke(await revocations.marks());
    if (sessions.userOf(session) === undefined) return { ok: false, reason: 'revoked' };
    await state.audit({
      actor: account.name,
      source,
      action: 'login.ssh',
      outcome: 'done',
      details: { by, session },
    });
    return { ok: true, session, user: account.name, role: account.role, restrictions };
  };

  links.handle('ssh.hostKeys', async () => ({ pems: (await options.hostKeys()).pems }));
  links.handle('ssh.offer', (params) => logins.wouldTake(offerIn(params)));
  links.handle('ssh.key', async (params, door) => {
    const offer = {
      ...offerIn(params),
      signed: bytesIn(params, 'signed'),
      signature: bytesIn(params, 'signature'),
    };
    return opened(await logins.withKey(offer), offer.source, door);
  });
  links.handle('ssh.password', async (params, door) => {
    const attempt = attemptIn(params);
    return opened(await logins.withPassword(attempt), attempt.source, door);
  });
  links.handle('ssh.enable', (params) => {
    const row = rowOf(sessions, textIn(params, 'session'));
    return enable(options, row, textIn(params, 'secret'));
  });
  links.handle('ssh.commands', async () => (await options.commands()).filter(overSsh).map(declared));
  links.handle('ssh.run', (params) => runForSession(options, params));
  links.handle('ssh.suggest', (params) => {
    rowOf(sessions, textIn(params, 'session'));
    // Unknown kinds suggest nothing.
    return options.suggest(textIn(params, 'kind') as Suggestion);
  });
}

/** One command of a session: may it, then run it, and write down how it went. */
async function runForSession(options: ServeSshOptions, params: unknown): Promise<Result> {
  const { sessions, state } = options;
  if (!isCommandCall(params)) throw appErrors.BAD_REQUEST();
  const { words, input } = params;
  const row = rowOf(sessions, textIn(params, 'session'));
  const { user: actor, source, id } = row;
  const command = (await options.commands()).find((each) => each.words === words);
  const redactor = urlRedactor(options.config().log.redactQuery);
  const audit = (outcome: 'done' | 'failed' | 'refused') =>
    state
      .audit({
        actor,
        source,
        action: 'ssh.command',
        outcome,
        details: { line: redactor.text(command === undefined ? words : lineOf(command, input)), session: id },
      })
      // On a full disk an operator must still be able to look. What changes something has its entry in the change.
      .catch((error: unknown) => options.log.error('audit.not-written', { action: 'ssh.command', error }));
  try {
    if (command === undefined || !overSsh(command)) throw appErrors.UNKNOWN_COMMAND({ words });
    if (command.role === 'admin' && row.role !== 'admin')
      throw appErrors.SSH_ROLE({ words, user: actor, role: row.role });
    refuseFiles(command, input);
  } catch (error) {
    await audit('refused');
    throw error;
  }
  sessions.touch(id);
  const io = { actor, source, progress: () => undefined };
  try {
    // Its own new password does not end the session that sets it.
    const result = await state.from(source, () =>
      sessions.sparing(id, () => options.run(command, input, io)),
    );
    await audit('done');
    return result;
  } catch (error) {
    await audit('failed');
    throw error;
  }
}

/** Against slips: a code of the second factor, or the password. */
async function enable(
  { identity, authenticators }: ServeSshOptions,
  { user, source }: { readonly user: string; readonly source: string },
  secret: string,
): Promise<boolean> {
  if (/^\s*\d{3}\s?\d{3}\s*$/.test(secret)) {
    const factor = await authenticators.secondFactor({ user, source, code: secret });
    if (factor !== 'none') return factor === 'right';
  }
  return (await identity.verifyPassword({ user, password: secret, source })).ok;
}

function rowOf(sessions: Sessions, id: string) {
  const row = sessions.list().find((each) => each.id === id && each.kind === 'ssh');
  if (row === undefined) throw appErrors.SSH_SESSION_OVER();
  return row;
}

/** What the door needs of a declaration; what runs stays here. */
function declared({ words, summary, positionals, options, role, where, examples }: Command): unknown {
  const shown = Object.entries(options).filter(([, option]) => option.file !== true);
  return {
    words,
    summary,
    positionals,
    options: Object.fromEntries(shown),
    role,
    where,
    examples: examples ?? [],
  };
}

function offerIn(params: unknown) {
  return {
    user: textIn(params, 'user'),
    source: textIn(params, 'source'),
    algorithm: textIn(params, 'algorithm'),
    blob: bytesIn(params, 'blob'),
  };
}

function attemptIn(params: unknown) {
  const code: unknown = Object(params).code;
  return {
    user: textIn(params, 'user'),
    source: textIn(params, 'source'),
    password: textIn(params, 'password'),
    code: typeof code === 'string' ? code : undefined,
  };
}

function bytesIn(params: unknown, name: string): Buffer {
  return Buffer.from(textIn(params, name), 'base64');
}

function textIn(params: unknown, name: string): string {
  const value: unknown =
    typeof params === 'object' && params !== null ? Reflect.get(params, name) : undefined;
  if (typeof value !== 'string') throw appErrors.BAD_REQUEST();
  return value;
}
