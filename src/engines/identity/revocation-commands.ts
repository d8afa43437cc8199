import { defineCommand, textOption, type Cell, type Command } from '../../kernel/index.ts';
import { readKrlFile } from './krl-file.io.ts';
import type { Revocations } from './revocations.ts';

interface Engines {
  readonly revocations: Revocations;
}

const markPositional = {
  name: 'mark',
  help: 'SHA256:… of a key or an authority, serial:NUMBER or id:NAME of a certificate, the two joined by a slash, or the line of a public key',
  rest: true,
} as const;

/** Commands over what no longer signs in by SSH. */
export const revocationCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'ssh revocation add',
    summary: 'Let a key or a certificate sign in over SSH no more, and end its sessions',
    positionals: [markPositional],
    options: {
      reason: { help: 'Why, for whoever reads the list', value: 'TEXT' },
      authority: {
        help: 'SHA256:… of the authority that gave the serial or the key id, or all; needed where there are several',
        value: 'KEY',
      },
    },
    role: 'admin',
    where: 'running',
    examples: ['ssh revocation add serial:42 --reason "stolen laptop"'],
    async run({ revocations }, input, { actor }) {
      const [what, reason] = [input.rest.join(' '), textOption(input, 'reason') ?? ''];
      const row = await revocations.add({ what, reason, authority: textOption(input, 'authority') }, actor);
      return {
        document: row,
        view: [
          { kind: 'text', text: `${row.mark} signs nobody in over SSH; sessions that it began are over.` },
        ],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'ssh revocation import',
    summary: 'Add what a revocation list of OpenSSH (KRL) names, and end its sessions',
    positionals: [{ name: 'file', help: 'As `ssh-keygen -k` writes it', file: true }],
    options: {
      reason: { help: 'Why; without it, the comment of the list', value: 'TEXT' },
      krl: { help: 'The list itself in base64, instead of a file; for the API', value: 'BASE64' },
    },
    role: 'admin',
    where: 'running',
    examples: ['ssh revocation import revoked.krl'],
    async run({ revocations }, input, { actor }) {
      const krl = textOption(input, 'krl');
      const bytes = krl === undefined ? readKrlFile(input.words['file'] ?? '') : Buffer.from(krl, 'base64');
      const done = await revocations.importKrl(bytes, textOption(input, 'reason'), actor);
      const text = `${done.added.length} were added, ${done.known} were there already. Sessions that they began are over.`;
      return { document: done, view: [{ kind: 'text', text }] };
    },
  }),
  defineCommand<Engines>({
    words: 'ssh revocation list',
    summary: 'List keys and certificates that no longer sign in over SSH',
    positionals: [],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ revocations }) {
      const rows = await revocations.list();
      return {
        document: rows,
        view: [
          {
            kind: 'table',
            columns: ['mark', 'reason', 'revoked', 'by'].map((title) => ({ title })),
            rows: rows.map((row): readonly Cell[] => Object.values(row)),
          },
        ],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'ssh revocation remove',
    summary: 'Take a revoked key or certificate again',
    positionals: [markPositional],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ revocations }, { rest }, { actor }) {
      const mark = await revocations.remove(rest.join(' '), actor);
      return { document: { removed: mark }, view: [{ kind: 'text', text: `${mark} is revoked no more.` }] };
    },
  }),
];
