import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlLink, Log } from '../../kernel/index.ts';
import { isErrno } from '../../platform/index.ts';
import { ItemDamaged, itemsDir, readItem, writeItem } from './files.io.ts';
import type { Actor, KeepFailure, KeepRequest, KeepResult } from './item.ts';
import { METHODS, recordIn, textIn } from './messages.ts';

/** The quarantine as the doors see it. */
export interface Quarantine {
  /**
   * Keeps a file. It is encrypted here and announced to control, which owns the list. Never throws; resolves
   * when the file is on the disk and in the list, or says why it is not.
   */
  keep(request: KeepRequest, bytes: () => AsyncIterable<Uint8Array>): Promise<KeepResult>;
  /** A file of the quarantine; control has written the audit entry. Rejects with what is wrong. */
  open(id: string, by: Actor): Promise<OpenedItem>;
}

export interface OpenedItem {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  readonly length: number;
  /** Every piece is authentic when it is given; rejects at the first that is not. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface QuarantineOptions {
  readonly dataDir: string;
  readonly link: ControlLink;
  readonly log: Log;
}

const CALL_MS = 5000;
/** A file is on the disk: control that is being restarted is waited for. */
const ANNOUNCE_TRIES = 6;
const ANNOUNCE_PAUSE_MS = 500;
const FAILURES: readonly KeepFailure[] = ['too-large', 'full', 'changed', 'not-written', 'unavailable'];

export function createQuarantine({ dataDir, link, log }: QuarantineOptions): Quarantine {
  const dir = itemsDir(dataDir);
  const call = async (method: string, params: object) => recordIn(await link.call(method, params, CALL_MS));

  const keep = async (request: KeepRequest, bytes: () => AsyncIterable<Uint8Array>): Promise<KeepResult> => {
    const reserved = await call(METHODS.reserve, request);
    const known = textIn(reserved['known']);
    if (known !== undefined) return { kept: true, id: known };
    const refused = FAILURES.find((each) => each === reserved['refused']);
    if (refused !== undefined) return { kept: false, reason: refused };
    const id = textIn(reserved['id']) ?? '';
    const key = Buffer.from(String(reserved['key']), 'base64');
    const wrappedKey = Buffer.from(String(reserved['wrappedKey']), 'base64');
    const item = { dir, id, key, wrappedKey, bytesMax: request.bytes, sha256: request.sha256 };
    let failure: KeepFailure | undefined;
    try {
      if (!(await writeItem(item, bytes()))) failure = 'changed';
    } catch (error) {
      log.error('quarantine.not-written', { sha256: request.sha256, error });
      failure = 'not-written';
    }
    if (failure !== undefined) {
      // The place is free again; it would be after a while all the same.
      await call(METHODS.drop, { id, reason: failure }).catch(() => undefined);
      return { kept: false, reason: failure };
    }
    const kept = textIn((await announce({ id, request }))['id']);
    return kept === undefined ? { kept: false, reason: 'full' } : { kept: true, id: kept };
  };

  const announce = async (item: object): Promise<Readonly<Record<string, unknown>>> => {
    for (let left = ANNOUNCE_TRIES - 1; ; left--) {
      try {
        return await call(METHODS.keep, item);
      } catch (error) {
        if (left === 0) throw error;
      }
      await sleep(ANNOUNCE_PAUSE_MS);
    }
  };

  return {
    keep: (request, bytes) =>
      keep(request, bytes).catch((error: unknown): KeepResult => {
        log.warn('quarantine.unavailable', { sha256: request.sha256, error });
        return { kept: false, reason: 'unavailable' };
      }),
    async open(id, by) {
      const opened = await call(METHODS.open, { id, ...by });
      const own = textIn(opened['id']) ?? '';
      const key = Buffer.from(String(opened['key']), 'base64');
      return {
        id: own,
        name: String(opened['name']),
        sha256: String(opened['sha256']),
        length: Number(opened['bytes']),
        bytes: logged(readItem(dir, own, key), log, own),
      };
    },
  };
}

async function* logged(bytes: AsyncIterable<Uint8Array>, log: Log, id: string): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (error instanceof ItemDamaged || isErrno(error, 'ENOENT'))
      log.error('quarantine.damaged', { id, error });
    throw error;
  }
}
