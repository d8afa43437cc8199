import {
  defineCommand,
  textOption,
  type Cell,
  type Command,
  type Input,
  type Result,
} from '../../kernel/index.ts';
import type { CertificateAdmin, Shown } from './admin.ts';
import { readPemFiles } from './pem-files.io.ts';

interface Engines {
  readonly certificates: CertificateAdmin;
}

const source = {
  positionals: [{ name: 'file', help: 'PEM: the certificate, then its chain, and the key', file: true }],
  options: {
    'key-file': { help: 'PEM: the key, when it is not in the same file', value: 'FILE', file: true },
    pem: { help: 'All of it as text, instead of files; for the API', value: 'TEXT', secret: true },
  },
} as const;

/** Commands that bring certificates from elsewhere. */
export const certificateImportCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'certificate import',
    summary: 'Show a certificate of your own to clients, at once and without a restart',
    ...source,
    role: 'admin',
    where: 'running',
    examples: ['certificate import fullchain.pem --key-file privkey.pem'],
    async run({ certificates }, input, { actor }) {
      return shown(await certificates.importServer(pemIn(input), actor));
    },
  }),
  defineCommand<Engines>({
    words: 'certificate remove',
    summary: 'Show a certificate of the authority again, instead of the one that was imported',
    positionals: [],
    options: {},
    role: 'admin',
    where: 'running',
    async run({ certificates }, _, { actor }) {
      return shown(await certificates.removeServer(actor));
    },
  }),
  defineCommand<Engines>({
    words: 'certificate authority import',
    summary: 'Sign with an authority of your own from now on; clients must trust it',
    positionals: source.positionals,
    options: { ...source.options, replace: { help: 'The authority before is given up' } },
    role: 'admin',
    where: 'running',
    examples: ['certificate authority import sub-ca.pem --key-file sub-ca.key --replace'],
    async run({ certificates }, input, { actor }) {
      const replace = input.options['replace'] === true;
      return shown(await certificates.importAuthority(pemIn(input), replace, actor));
    },
  }),
];

function pemIn(input: Input): string {
  const pem = textOption(input, 'pem');
  const files = [input.words['file'], textOption(input, 'key-file')];
  return pem ?? readPemFiles(files.filter((file) => file !== undefined));
}

function shown({ certificates, findings }: Shown): Result {
  const bad = findings.filter(({ state }) => state !== 'ok');
  return {
    document: { certificates, findings },
    view: [
      {
        kind: 'table',
        columns: ['name', 'subject', 'until', 'names'].map((title) => ({ title })),
        rows: certificates.map(({ name, subject, notAfter, names }): readonly Cell[] => [
          name,
          subject,
          notAfter,
          names.join(', '),
        ]),
      },
      ...bad.map(({ text }) => ({ kind: 'text' as const, text: `note: ${text}` })),
    ],
  };
}
