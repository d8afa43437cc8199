import { defineCommand, textOption, type Cell, type Command } from '../../kernel/index.ts';
import type { IdentityAdmin } from './admin.ts';
import type { Authenticators } from './authenticators.ts';
import { passwordIn, passwordOptions } from './commands.ts';
import type { HostKeys } from './host-keys.io.ts';

interface Engines {
  readonly identity: IdentityAdmin;
  readonly authenticators: Authenticators;
}

const userPositional = { name: 'user', help: 'Name of the user', suggest: 'user' } as const;

const keyCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'user key add',
    summary: 'Let a public key sign a user in over SSH',
    positionals: [
      userPositional,
      { name: 'key', help: 'The line of a file such as ~/.ssh/id_ed25519.pub', rest: true },
    ],
    options: {},
    role: 'admin',
    where: 'running',
    examples: [
      'user key add alice ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl laptop',
    ],
    async run({ authenticators }, { words, rest }, { actor }) {
      const row = await authenticators.addKey(words['user'] ?? '', rest.join(' '), actor);
      return {
        document: { added: row.fingerprint, user: row.user, type: row.type, comment: row.comment },
        view: [{ kind: 'text', text: `The key ${row.fingerprint} signs ${row.user} in over SSH.` }],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'user key list',
    summary: 'List the public keys of users',
    positionals: [{ ...userPositional, optional: true }],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ authenticators }, { words }) {
      const rows = (await authenticators.keys(words['user'])).map(({ createdAtMs, ...row }) => ({
        user: row.user,
        type: row.type,
        fingerprint: row.fingerprint,
        comment: row.comment,
        addedAt: new Date(createdAtMs).toISOString(),
      }));
      return {
        document: rows,
        view: [
          {
            kind: 'table',
            columns: ['user', 'type', 'fingerprint', 'comment', 'added'].map((title) => ({ title })),
            rows: rows.map((row): readonly Cell[] => Object.values(row)),
          },
        ],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'user key remove',
    summary: 'Remove a public key of a user',
    positionals: [
      userPositional,
      { name: 'key', help: 'Fingerprint or comment, as `user key list` shows them' },
    ],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ authenticators }, { words }, { actor }) {
      const row = await authenticators.removeKey(words['user'] ?? '', words['key'] ?? '', actor);
      return {
        document: { removed: row.fingerprint, user: row.user },
        view: [{ kind: 'text', text: `The key ${row.fingerprint} of ${row.user} is removed.` }],
      };
    },
  }),
];

const totpCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'user totp enable',
    summary: 'Give a user a second factor: the secret first, then its first code',
    positionals: [userPositional],
    options: {
      code: { help: 'The code that the authenticator shows; it takes the factor into use', value: 'CODE' },
    },
    role: 'admin',
    where: 'running',
    examples: ['user totp enable alice', 'user totp enable alice --code 123456'],
    async run({ authenticators }, input, { actor }) {
      const name = input.words['user'] ?? '';
      const code = textOption(input, 'code');
      if (code !== undefined) {
        await authenticators.confirmTotp(name, code, actor);
        return {
          document: { user: name.toLowerCase(), state: 'enabled' },
          view: [{ kind: 'text', text: `${name} needs a code at each sign-in from now on.` }],
        };
      }
      const { secret, uri } = await authenticators.beginTotp(name, actor);
      return {
        document: { user: name.toLowerCase(), state: 'waits-for-code', secret, uri },
        view: [
          {
            kind: 'facts',
            facts: [
              ['secret', { text: secret.replaceAll(/(.{4})(?=.)/g, '$1 '), tone: 'strong' }],
              ['for a QR code', uri],
            ],
          },
          {
            kind: 'text',
            text: `\nEnter the secret in an authenticator (time based, 6 digits), then run:\n  user totp enable ${name} --code CODE`,
          },
        ],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'user totp disable',
    summary: 'Take the second factor of a user away',
    positionals: [userPositional],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ authenticators }, { words }, { actor }) {
      const name = words['user'] ?? '';
      await authenticators.removeTotp(name, actor);
      return {
        document: { user: name.toLowerCase(), state: 'disabled' },
        view: [{ kind: 'text', text: `The password of ${name} is enough again.` }],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'configure password',
    summary: 'Set your own password',
    positionals: [],
    options: passwordOptions,
    role: 'read',
    where: 'running',
    examples: ['configure password', 'configure password --password-file new-password'],
    async run({ identity }, input, { actor }) {
      // On the machine itself nobody has signed in: the first account is meant.
      const name = actor === 'local' ? 'admin' : actor;
      await identity.setPassword(name, passwordIn(input, name), actor);
      return {
        document: { changed: name },
        view: [{ kind: 'text', text: `The password of ${name} is set.` }],
      };
    },
  }),
];

const hostKeyCommand = defineCommand<{ readonly hostKeys: () => Promise<HostKeys> }>({
  words: 'show host-keys',
  summary: 'Show the SSH host keys, as clients ask about them at their first visit',
  positionals: [],
  options: {},
  role: 'read',
  where: 'running',
  async run({ hostKeys }) {
    const { rows } = await hostKeys();
    return {
      document: rows,
      view: [
        {
          kind: 'table',
          columns: [{ title: 'type' }, { title: 'fingerprint' }],
          rows: rows.map((row) => [row.type, row.fingerprint]),
        },
      ],
    };
  },
});

/** Commands around signing in. */
export const authenticatorCommands: readonly Command<
  Engines & { readonly hostKeys: () => Promise<HostKeys> }
>[] = [...keyCommands, ...totpCommands, hostKeyCommand];
