import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno, readSecretFile, writeSecretFile } from '../../platform/index.ts';
import { predictionErrors } from './errors.ts';
import {
  MODEL_BYTES_MAX,
  type ModelFile,
  type ModelKind,
  type ModelRefusal,
  readModel,
  writeModel,
} from './model-file.ts';
import { SHIPPED_DIGESTS } from './shipped-digests.ts';

/** Models that come with the gateway. */
const SHIPPED_DIR = new URL('../../../models/', import.meta.url).pathname;
export const SHIPPED = 'shipped';
const KEY_BYTES_MAX = 4_096;
const HISTORY_MAX = 32;

export interface ModelVersion {
  readonly version: string;
  readonly origin: 'shipped' | 'signed';
  readonly active: boolean;
  readonly bytes: number;
  /** Why it cannot be used; empty: it can. */
  readonly refused: string;
}

/** Model files of the release and of DATA_DIR/models: read, checked, signed, switched. */
export class ModelShelf {
  readonly #dir: string;
  readonly #shippedDir: string;

  constructor(dataDir: string, shippedDir = SHIPPED_DIR) {
    this.#dir = join(dataDir, 'models');
    this.#shippedDir = shippedDir;
  }

  /** The model in force: the chosen one, or the shipped one where that is refused. `undefined`: neither can be used. */
  active(kind: ModelKind, refused: (version: string, why: string) => void): ModelFile | undefined {
    for (const version of [this.#history(kind)[0] ?? SHIPPED, ...this.#history(kind).slice(1), SHIPPED]) {
      const model = this.open(kind, version);
      if (!('refused' in model)) return model;
      refused(version, WHY[model.refused]);
    }
    return undefined;
  }

  open(kind: ModelKind, version: string): ModelFile | ModelRefusal {
    const bytes = bytesOf(this.#path(kind, version));
    if (bytes === undefined) return { refused: 'damaged' };
    const key = this.#publicKey();
    return readModel(bytes, kind, {
      digests: new Set(SHIPPED_DIGESTS),
      keys: key === undefined ? [] : [key],
    });
  }

  list(kind: ModelKind): readonly ModelVersion[] {
    const inForce = this.active(kind, () => undefined);
    return [SHIPPED, ...versionsIn(join(this.#dir, kind))].flatMap((version) => {
      const bytes = bytesOf(this.#path(kind, version));
      if (bytes === undefined) return [];
      const model = this.open(kind, version);
      const refused = 'refused' in model ? WHY[model.refused] : '';
      const origin = version === SHIPPED ? 'shipped' : 'signed';
      const isActive = !('refused' in model) && model.sha256 === inForce?.sha256;
      return [{ version, origin, active: isActive, bytes: bytes.length, refused }];
    });
  }

  /** Signs and keeps it; it is not in force yet. */
  save(kind: ModelKind, version: string, body: unknown): string {
    mkdirSync(join(this.#dir, kind), { recursive: true, mode: 0o700 });
    const path = this.#path(kind, version);
    writeSecretFile(path, writeModel(kind, version, body, this.#privateKey()));
    return path;
  }

  /** Refuses what cannot be used; the model in force stays then. */
  activate(kind: ModelKind, version: string): ModelFile {
    const file = this.#path(kind, version);
    if (bytesOf(file) === undefined) throw predictionErrors.PREDICTION_MODEL_UNKNOWN({ kind, version });
    const model = this.open(kind, version);
    if ('refused' in model) {
      throw predictionErrors.PREDICTION_MODEL_REFUSED({ file, why: WHY[model.refused] });
    }
    this.#remember(kind, [version, ...this.#history(kind)]);
    return model;
  }

  /** Back to the model before. */
  rollback(kind: ModelKind): ModelFile {
    const [current, ...before] = this.#history(kind);
    if (current === undefined) throw predictionErrors.PREDICTION_NO_EARLIER({ kind });
    const version = before[0] ?? SHIPPED;
    const model = this.open(kind, version);
    if ('refused' in model) {
      const file = this.#path(kind, version);
      throw predictionErrors.PREDICTION_MODEL_REFUSED({ file, why: WHY[model.refused] });
    }
    this.#remember(kind, before);
    return model;
  }

  #path(kind: ModelKind, version: string): string {
    return version === SHIPPED
      ? join(this.#shippedDir, `${kind}.model`)
      : join(this.#dir, kind, `${version.replaceAll(/[^\w.-]/g, '_')}.model`);
  }

  /** Versions that were made active, the last one first. */
  #history(kind: ModelKind): readonly string[] {
    const bytes = bytesOf(join(this.#dir, kind, 'active'));
    const lines = bytes === undefined ? [] : bytes.toString('utf8').split('\n');
    return lines.filter((line) => /^[\w.-]{1,64}$/.test(line)).slice(0, HISTORY_MAX);
  }

  #remember(kind: ModelKind, versions: readonly string[]): void {
    const path = join(this.#dir, kind, 'active');
    if (versions.length === 0) {
      rmSync(path, { force: true });
      return;
    }
    mkdirSync(join(this.#dir, kind), { recursive: true, mode: 0o700 });
    writeSecretFile(path, `${versions.slice(0, HISTORY_MAX).join('\n')}\n`);
  }

  #publicKey(): KeyObject | undefined {
    const bytes = bytesOf(join(this.#dir, 'signing.pub'));
    try {
      return bytes === undefined ? undefined : createPublicKey(bytes);
    } catch {
      // A damaged key vouches for nothing.
      return undefined;
    }
  }

  /** Made at the first model that is signed. */
  #privateKey(): KeyObject {
    const file = join(this.#dir, 'signing.key');
    const read = readSecretFile(file, KEY_BYTES_MAX);
    if (Buffer.isBuffer(read)) {
      try {
        return createPrivateKey(read);
      } catch (cause) {
        throw predictionErrors.PREDICTION_KEY({ file, why: 'it is damaged' }, { cause });
      }
    }
    if (read.problem !== 'missing') throw predictionErrors.PREDICTION_KEY({ file, why: read.problem });
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    writeSecretFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeSecretFile(join(this.#dir, 'signing.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    return privateKey;
  }
}

const WHY: Readonly<Record<ModelRefusal['refused'], string>> = {
  damaged: 'it is damaged or cannot be read',
  'other-kind': 'it is a model of another kind',
  unsigned: 'nobody has signed it',
  'bad-signature': 'it is not signed by this gateway',
};

function bytesOf(path: string): Buffer | undefined {
  try {
    return statSync(path).size > MODEL_BYTES_MAX ? undefined : readFileSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EACCES')) return undefined;
    throw error;
  }
}

function versionsIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.model'))
      .map((name) => name.slice(0, -'.model'.length))
      .toSorted();
  } catch (error) {
    // Nothing was trained yet.
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
