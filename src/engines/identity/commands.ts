import {
  defineCommand,
  listOption,
  parseDuration,
  textOption,
  type Cell,
  type Command,
  type Input,
} from '../../kernel/index.ts';
import type { TokenRow, UserRow } from './accounts.ts';
import type { IdentityAdmin } from './admin.ts';
import { identityErrors } from './errors.ts';
import { readPasswordFile } from './initial-password.io.ts';
import { ROLES, SCOPES } from './scopes.ts';

interface Engines {
  readonly identity: IdentityAdmin;
}

/** The two ways to hand a password over. */
export const passwordOptions = {
  'password-file': { help: 'File whose first line is the password', value: 'FILE', file: true },
  password: {
    help: 'The password itself; other users of the machine can read a command line, so prefer the file',
    value: 'TEXT',
    secret: true,
  },
} as const;

const userPositional = { name: 'user', help: 'Name of the user', suggest: 'user' } as const;

const tokenCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'token create',
    summary: 'Create a token and show it, once',
    positionals: [],
    options: {
      name: { help: 'What it is for', value: 'NAME' },
      scope: {
        help: `What it may do: ${SCOPES.join(', ')}; several with commas`,
        value: 'SCOPE',
        repeat: true,
      },
      expires: { help: 'Life from now, such as 90d; without it the token has no end', value: 'TIME' },
    },
    role: 'admin',
    where: 'running',
    examples: [
      'token create --name firewall --scope intel --expires 365d',
      'token create --name ci --scope read,reputation',
    ],
    async run({ identity }, input, { actor }) {
      const expires = textOption(input, 'expires');
      const lifeMs = expires === undefined ? undefined : parseDuration(expires);
      if (expires !== undefined && (lifeMs === undefined || lifeMs === 0)) {
        throw identityErrors.IDENTITY_EXPIRY({ text: expires });
      }
      const scopes = listOption(input, 'scope');
      if (scopes.length === 0) throw identityErrors.IDENTITY_SCOPE({ scope: 'nothing' });
      const { token, row } = await identity.createToken(
        { name: textOption(input, 'name') ?? '(nothing)', scopes, lifeMs },
        actor,
      );
      const document = { name: row.name, token, scopes: row.scopes, expiresAt: isoTime(row.expiresAtMs) };
      return {
        document,
        view: [
          {
            kind: 'facts',
            facts: [
              ['token', { text: token, tone: 'strong' }],
              ['name', row.name],
              ['scopes', row.scopes.join(', ')],
              ['expires', document.expiresAt ?? 'never'],
            ],
          },
          { kind: 'text', text: 'Keep it now: only its hash is stored, and it is not shown again.' },
        ],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'token list',
    summary: 'List tokens with their scopes and last use',
    positionals: [],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ identity }) {
      const rows = (await identity.tokens()).map(tokenDocument);
      return {
        document: rows,
        view: [
          {
            kind: 'table',
            columns: ['name', 'scopes', 'created', 'by', 'expires', 'last used'].map((title) => ({ title })),
            rows: rows.map((row): readonly Cell[] => [
              row.name,
              row.scopes.join(', '),
              row.createdAt ?? '',
              row.createdBy,
              row.expiresAt ?? 'never',
              row.lastUsedAt ?? { text: 'never', tone: 'dim' },
            ]),
          },
        ],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'token show',
    summary: 'Show one token',
    positionals: [{ name: 'name', help: 'Name of the token' }],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ identity }, { words }) {
      const name = words['name'] ?? '';
      const row = (await identity.tokens()).find((each) => each.name === name);
      if (row === undefined)
        throw identityErrors.IDENTITY_MISSING({ what: 'token', name: name.slice(0, 80) });
      return { document: tokenDocument(row) };
    },
  }),
  defineCommand<Engines>({
    words: 'token revoke',
    summary: 'Revoke a token; it is refused everywhere when the command returns',
    positionals: [{ name: 'name', help: 'Name of the token', suggest: 'token' }],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ identity }, { words }, { actor }) {
      const name = words['name'] ?? '';
      await identity.revokeToken(name, actor);
      return { document: { revoked: name }, view: [{ kind: 'text', text: `The token ${name} is revoked.` }] };
    },
  }),
];

const userCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'user add',
    summary: 'Add a user',
    positionals: [userPositional],
    options: {
      role: { help: 'What the user may do', value: 'ROLE', choices: ROLES, default: 'user' },
      ...passwordOptions,
    },
    role: 'admin',
    where: 'running',
    examples: ['user add alice --role operator --password-file new-password'],
    async run({ identity }, input, { actor }) {
      const name = input.words['user'] ?? '';
      const role = textOption(input, 'role') ?? 'user';
      await identity.addUser({ name, role, password: passwordIn(input, name) }, actor);
      return {
        document: { added: name.toLowerCase(), role },
        view: [{ kind: 'text', text: `The user ${name} may sign in as ${role}.` }],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'user list',
    summary: 'List users with their roles',
    positionals: [],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ identity }) {
      const rows = (await identity.users()).map(userDocument);
      return {
        document: rows,
        view: [
          {
            kind: 'table',
            columns: ['name', 'role', 'created', 'password set'].map((title) => ({ title })),
            rows: rows.map((row): readonly Cell[] => [
              row.name,
              row.role,
              row.createdAt ?? '',
              row.passwordAt ?? { text: 'none: cannot sign in', tone: 'warn' },
            ]),
          },
        ],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'user show',
    summary: 'Show one user',
    positionals: [userPositional],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ identity }, { words }) {
      const name = (words['user'] ?? '').toLowerCase();
      const row = (await identity.users()).find((each) => each.name === name);
      if (row === undefined) throw identityErrors.IDENTITY_MISSING({ what: 'user', name: name.slice(0, 80) });
      return { document: userDocument(row) };
    },
  }),
  defineCommand<Engines>({
    words: 'user remove',
    summary: 'Remove a user',
    positionals: [userPositional],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ identity }, { words }, { actor }) {
      const name = words['user'] ?? '';
      await identity.removeUser(name, actor);
      return {
        document: { removed: name.toLowerCase() },
        view: [{ kind: 'text', text: `The user ${name} is removed.` }],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'user role',
    summary: 'Set what a user may do',
    positionals: [userPositional, { name: 'role', help: 'What the user may do', choices: ROLES }],
    options: {},
    role: 'admin',
    where: 'running',
    examples: ['user role alice operator'],
    async run({ identity }, { words }, { actor }) {
      const name = words['user'] ?? '';
      const role = words['role'] ?? '';
      await identity.setRole(name, role, actor);
      return {
        document: { changed: name.toLowerCase(), role },
        view: [{ kind: 'text', text: `The user ${name} is ${role} now.` }],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'user passwd',
    summary: 'Set the password of a user',
    positionals: [userPositional],
    options: passwordOptions,
    role: 'admin',
    where: 'running',
    examples: ['user passwd admin --password-file new-password'],
    async run({ identity }, input, { actor }) {
      const name = input.words['user'] ?? '';
      await identity.setPassword(name, passwordIn(input, name), actor);
      return {
        document: { changed: name.toLowerCase() },
        view: [{ kind: 'text', text: `The password of ${name} is set.` }],
      };
    },
  }),
];

export const identityCommands: readonly Command<Engines>[] = [...tokenCommands, ...userCommands];

/** The password that the options name. Throws IDENTITY_PASSWORD_NEEDED. */
export function passwordIn(input: Input, user: string): string {
  const file = textOption(input, 'password-file');
  if (file !== undefined) return readPasswordFile(file);
  const password = textOption(input, 'password');
  if (password === undefined) throw identityErrors.IDENTITY_PASSWORD_NEEDED({ user });
  return password;
}

function tokenDocument(row: TokenRow) {
  return {
    name: row.name,
    scopes: row.scopes,
    createdAt: isoTime(row.createdAtMs),
    createdBy: row.createdBy,
    expiresAt: isoTime(row.expiresAtMs),
    lastUsedAt: isoTime(row.lastUsedAtMs),
  };
}

function userDocument(row: UserRow) {
  return {
    name: row.name,
    role: row.role,
    createdAt: isoTime(row.createdAtMs),
    passwordAt: isoTime(row.passwordAtMs),
  };
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
