import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { masterKey, readSecretFile, seal, unseal, writeSecretFile } from '../../platform/index.ts';
import { feedErrors } from './errors.ts';

/** What one feed signs in with. */
export interface FeedSecrets {
  /** Password, token, value of the header, or what goes into the URL. */
  readonly secret?: string;
  /** Password at a proxy of its own. */
  readonly parentSecret?: string;
}

/**
 * Secrets of all feeds in `DATA_DIR/feeds/secrets.sealed`, readable by the owner alone and encrypted with
 * `DATA_DIR/master.key`. Never in versions, exports, logs and answers.
 */
export interface SecretStore {
  of(feed: string): FeedSecrets;
  /** Members that are absent stay as they are. */
  set(feed: string, secrets: FeedSecrets): void;
  remove(feed: string): void;
  /** Forgets feeds that are none of these. */
  keep(feeds: ReadonlySet<string>): void;
}

const FILE_BYTES_MAX = 8 * 1024 ** 2;
const SECRET_FILE_BYTES_MAX = 64 * 1024;
const LABEL = 'sallyport feeds secrets';

type All = Record<string, FeedSecrets>;

/** The file is read at the first need: most gateways have no secret at all. */
export function openSecrets(dataDir: string): SecretStore {
  const folder = join(dataDir, 'feeds');
  const file = join(folder, 'secrets.sealed');
  let known: All | undefined;
  const all = (): All => (known ??= read(file, join(dataDir, 'master.key')));
  const save = (next: All): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const key = keyOf(join(dataDir, 'master.key'), file);
    writeSecretFile(file, seal(key, LABEL, Buffer.from(JSON.stringify(next))));
    known = next;
  };
  return {
    of: (feed) => (Object.hasOwn(all(), feed) ? all()[feed] : undefined) ?? {},
    set(feed, secrets) {
      if (secrets.secret === undefined && secrets.parentSecret === undefined) return;
      const before = Object.hasOwn(all(), feed) ? all()[feed] : undefined;
      save({ ...all(), [feed]: { ...before, ...secrets } });
    },
    remove(feed) {
      if (!Object.hasOwn(all(), feed)) return;
      save(Object.fromEntries(Object.entries(all()).filter(([name]) => name !== feed)));
    },
    keep(feeds) {
      const kept = Object.entries(all()).filter(([name]) => feeds.has(name));
      if (kept.length < Object.keys(all()).length) save(Object.fromEntries(kept));
    },
  };
}

/** The first line of a file that an operator named. Its mode is the operator's business. */
export function readSecretLine(file: string): string {
  const bytes = readSecretFile(file, SECRET_FILE_BYTES_MAX, true);
  if (!Buffer.isBuffer(bytes)) {
    throw feedErrors.FEEDS_SECRET_FILE({ file, problem: bytes.problem }, { cause: bytes.cause });
  }
  const line = bytes.toString('utf8').split(/\r?\n/, 1)[0] ?? '';
  if (line === '') throw feedErrors.FEEDS_SECRET_FILE({ file, problem: 'its first line is empty' });
  return line;
}

function read(file: string, keyFile: string): All {
  if (!existsSync(file)) return {};
  const sealed = readSecretFile(file, FILE_BYTES_MAX);
  if (!Buffer.isBuffer(sealed)) {
    throw feedErrors.FEEDS_SECRETS_DAMAGED({ file, problem: sealed.problem }, { cause: sealed.cause });
  }
  const bytes = unseal(keyOf(keyFile, file), LABEL, sealed);
  if (bytes === undefined) {
    throw feedErrors.FEEDS_SECRETS_DAMAGED({ file, problem: 'sealed with another master.key, or changed' });
  }
  // Only `save` writes it, and it is authenticated.
  return JSON.parse(bytes.toString('utf8')) as All;
}

function keyOf(keyFile: string, file: string): Buffer {
  const key = masterKey(keyFile);
  if (!Buffer.isBuffer(key)) {
    throw feedErrors.FEEDS_SECRETS_DAMAGED({ file, problem: `master.key: ${key.problem}` });
  }
  return key;
}
