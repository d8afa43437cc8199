import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../engines/config/index.ts';
import { type Clock, defineCommand, formatBytes, type Input, textOption } from '../../kernel/index.ts';
import { runningSupervisor } from '../../platform/index.ts';
import { appErrors } from '../errors.ts';
import { VERSION } from '../version.ts';
import { backupErrors } from './errors.ts';
import { checkedPassphrase, readPassphrase } from './format.io.ts';
import { restoreBackup } from './restore.io.ts';
import { writeBackup } from './write.io.ts';

export interface BackupEngines {
  readonly clock: Clock;
  readonly gateway: { readonly config: Config };
}

export interface RestoreEngines {
  config(): Promise<Config>;
}

const secretOption = {
  help: 'The passphrase itself; other users of the machine can read a command line, so prefer the file',
  value: 'TEXT',
  secret: true,
} as const;
const passphraseOption = {
  help: 'File whose first line is the passphrase; only its owner may read it',
  value: 'FILE',
  file: true,
} as const;

export const backupCommand = defineCommand<BackupEngines>({
  words: 'backup',
  summary: 'Write all that makes this gateway what it is into one encrypted file',
  positionals: [{ name: 'file', help: 'Where to write it; it must not exist', file: true }],
  options: {
    'passphrase-file': passphraseOption,
    passphrase: secretOption,
    'without-indicators': { help: 'Leave imported lists out; subscribed ones are fetched again' },
  },
  role: 'admin',
  where: 'either',
  examples: ['backup gateway.spb --passphrase-file passphrase'],
  async run({ gateway, clock }, input, io) {
    const passphrase = passphraseIn(input);
    const nowMs = clock.now();
    const report = await writeBackup({
      dataDir: gateway.config.dataDir,
      file: input.words['file'] ?? '',
      passphrase,
      version: VERSION,
      nowMs,
      id: nowMs.toString(36),
      indicators: input.options['without-indicators'] !== true,
      progress: (step, done, total) => io.progress(step, done, total),
    });
    const text = `${report.files} files in ${report.file}, ${formatBytes(report.bytes)}; it opens with the passphrase alone`;
    return { document: report, view: [{ kind: 'text', text }] };
  },
});

export const restoreCommand = defineCommand<RestoreEngines>({
  words: 'restore',
  summary: 'Bring back what a backup holds; the gateway must be stopped',
  positionals: [{ name: 'file', help: 'A file that `backup` wrote', file: true }],
  options: {
    'passphrase-file': passphraseOption,
    passphrase: secretOption,
    replace: { help: 'Exchange the data that is there; it is kept in before-restore' },
  },
  role: 'admin',
  where: 'here',
  examples: ['restore gateway.spb --passphrase-file passphrase'],
  async run(engines, input) {
    const passphrase = passphraseIn(input);
    const { dataDir } = await engines.config();
    const running = runningSupervisor(dataDir);
    if (running !== undefined) throw appErrors.ALREADY_RUNNING({ dataDir, pid: running });
    if (existsSync(join(dataDir, 'state.db')) && input.options['replace'] !== true) {
      throw backupErrors.RESTORE_NOT_EMPTY({ dataDir });
    }
    const { at, version, files } = await restoreBackup(input.words['file'] ?? '', passphrase, dataDir);
    return {
      document: { dataDir, at, version, files: files.length },
      view: [
        {
          kind: 'text',
          text: `${dataDir} is as it was at ${at} (${files.length} files, version ${version})`,
        },
      ],
    };
  },
});

function passphraseIn(input: Input): string {
  const text = textOption(input, 'passphrase');
  if (text !== undefined) return checkedPassphrase(text, '--passphrase');
  const file = textOption(input, 'passphrase-file');
  if (file === undefined) {
    throw backupErrors.BACKUP_PASSPHRASE({ path: '--passphrase-file', reason: 'it was not given' });
  }
  return readPassphrase(file);
}
