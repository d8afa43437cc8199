import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../kernel/index.ts';
import {
  type ExportEntry,
  type ExportEntryKind,
  stixIndicatorId,
  stixProducer,
} from '../../protocols/exports/index.ts';
import type { StixProducer } from '../../protocols/stix/index.ts';
import { TAXII_MEDIA_TYPE } from '../../protocols/taxii/index.ts';
import type { IndicatorReader } from '../indicators/index.ts';
import type { Artifact } from './artifact.ts';
import { exportErrors } from './errors.ts';
import { Output } from './output.io.ts';
import type { RenderJob, Slicer } from './render-job.ts';
import { variantEntries } from './source.ts';
import { AT, HASH_BYTES, ID_BYTES, idBytes, RECORD_BYTES } from './taxii-format.ts';

export interface TaxiiWork {
  readonly job: RenderJob;
  readonly reader: IndicatorReader;
  readonly clock: Clock;
  readonly temporary: string;
  readonly stem: string;
  readonly builtAtMs: number;
  readonly slice: Slicer;
}

/**
 * Writes the entries, one a line, and the index over them. An object that was in the index before keeps its date
 * as long as nothing in it changes; everything else was added now. So whoever pages through the collection, or asks
 * for what was added after the last page, sees every object, in whatever order lists were imported.
 */
export async function writeTaxiiIndex(work: TaxiiWork) {
  const { job, reader, clock, temporary, stem, builtAtMs, slice } = work;
  const { cacheDir, variant, shape, fileBytesMax } = job;
  const entries = variantEntries(variant, reader, clock);
  const before = priorIndex(job);
  const skipped: Partial<Record<ExportEntryKind, number>> = {};
  const out = new Output(temporary, fileBytesMax);
  const records = new Records(stixProducer(shape.producer), before, builtAtMs);
  const limit = Math.min(variant.definition.limit ?? Infinity, shape.collectionEntriesMax);
  let beyond = 0;
  try {
    for (const entry of entries.each()) {
      if (slice.isDue()) await turn();
      if (records.count >= limit) beyond++;
      else if (!records.add(entry, out)) skipped[entry.kind] = (skipped[entry.kind] ?? 0) + 1;
      if (out.isTooLarge) break;
    }
  } finally {
    out.finish('');
  }
  if (out.isTooLarge) {
    const { name } = variant.definition;
    throw exportErrors.EXPORT_TOO_LARGE({ name, format: 'a TAXII collection', bytes: fileBytesMax });
  }
  const index = records.sorted();
  const indexTemporary = `${temporary.slice(0, -4)}.gz.tmp`;
  writeFileSync(indexTemporary, index, { mode: 0o600 });
  renameSync(indexTemporary, join(cacheDir, `${stem}.index`));
  renameSync(temporary, join(cacheDir, `${stem}.txt`));
  return {
    type: TAXII_MEDIA_TYPE,
    etag: createHash('sha256').update(index).digest('hex').slice(0, 32),
    bytes: out.offset,
    gzipBytes: index.length,
    entries: records.count,
    skipped,
    beyond,
    allowed: entries.allowed,
    validUntilMs: entries.endsAtS === undefined ? undefined : entries.endsAtS * 1000,
    file: `${stem}.txt`,
    gzip: undefined,
    headBytes: 0,
    lines: records.count,
    marks: [],
    parts: [],
    index: { file: `${stem}.index`, records: records.count },
  } satisfies Partial<Artifact>;
}

/** The records of an index as they come, before they are brought into their order. */
class Records {
  readonly #producer: StixProducer;
  readonly #before: Prior;
  readonly #builtAtMs: number;
  #bytes = Buffer.alloc(RECORD_BYTES * 1024);
  count = 0;

  constructor(producer: StixProducer, before: Prior, builtAtMs: number) {
    this.#producer = producer;
    this.#before = before;
    this.#builtAtMs = builtAtMs;
  }

  /** False: the entry is no indicator. A date that is not yet known is stored as the negative date of the import. */
  add(entry: ExportEntry, out: Output): boolean {
    const addedMs = entry.addedAtS * 1000;
    const text = stixIndicatorId(entry, this.#producer);
    const id = text === undefined ? undefined : idBytes(text);
    if (id === undefined) return false;
    const line = JSON.stringify(entry);
    const hash = createHash('sha256').update(line).digest();
    const known = this.#before.find(id);
    const same = known?.hash.equals(hash.subarray(0, HASH_BYTES)) === true ? known : undefined;
    const changedMs = known === undefined ? addedMs : Math.max(this.#builtAtMs, known.modifiedMs + 1);
    const offset = out.offset;
    out.write(`${line}\n`);
    const at = this.count * RECORD_BYTES;
    if (at + RECORD_BYTES > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], at * 2);
    const bytes = this.#bytes;
    bytes.writeDoubleLE(same?.dateUs ?? -addedMs * 1000, at + AT.date);
    bytes.writeDoubleLE(same?.modifiedMs ?? changedMs, at + AT.modified);
    bytes.writeDoubleLE(offset, at + AT.offset);
    id.copy(bytes, at + AT.id);
    bytes.writeUInt32LE(out.offset - offset, at + AT.length);
    hash.copy(bytes, at + AT.hash, 0, HASH_BYTES);
    this.count++;
    return true;
  }

  /** By date, every one with a date of its own, and behind them the numbers by id. */
  sorted(): Buffer {
    const { count } = this;
    const bytes = this.#bytes;
    // Numbers in arrays sort ten times faster than bytes in a buffer; 48 bits tell almost all ids apart.
    const dates = new Float64Array(count);
    const ids = new Float64Array(count);
    for (let record = 0; record < count; record++) {
      dates[record] = bytes.readDoubleLE(record * RECORD_BYTES + AT.date);
      ids[record] = bytes.readUIntBE(record * RECORD_BYTES + AT.id, 6);
    }
    const byId = Uint32Array.from({ length: count }, (_, at) => at).toSorted(
      (x, y) => ids[x]! - ids[y]! || compareIds(bytes, x, y),
    );
    const known = byId.filter((record) => dates[record]! > 0).toSorted((x, y) => dates[x]! - dates[y]!);
    // The sort is stable: what was imported in the same second stays in the order of ids.
    const fresh = byId.filter((record) => dates[record]! <= 0).toSorted((x, y) => dates[y]! - dates[x]!);
    let lastUs = this.#before.lastUs;
    for (const record of fresh) {
      const importedUs = this.#before.isThere ? this.#builtAtMs * 1000 : -dates[record]!;
      lastUs = Math.max(importedUs, lastUs + 1);
      bytes.writeDoubleLE(lastUs, record * RECORD_BYTES + AT.date);
    }
    const index = Buffer.alloc(count * (RECORD_BYTES + 4));
    const placeOf = new Uint32Array(count);
    [known, fresh].reduce((place, part) => {
      part.forEach((from, at) => {
        bytes.copy(index, (place + at) * RECORD_BYTES, from * RECORD_BYTES, (from + 1) * RECORD_BYTES);
        placeOf[from] = place + at;
      });
      return place + part.length;
    }, 0);
    byId.forEach((from, at) => index.writeUInt32LE(placeOf[from]!, count * RECORD_BYTES + at * 4));
    return index;
  }
}

function compareIds(records: Buffer, x: number, y: number): number {
  const [a, b] = [x * RECORD_BYTES + AT.id, y * RECORD_BYTES + AT.id];
  return records.compare(records, b, b + ID_BYTES, a, a + ID_BYTES);
}

interface Known {
  readonly dateUs: number;
  readonly modifiedMs: number;
  readonly hash: Buffer;
}

interface Prior {
  readonly isThere: boolean;
  /** The last date that was given. */
  readonly lastUs: number;
  find(id: Buffer): Known | undefined;
}

/** What the index before this one says of its objects. */
function priorIndex({ before, cacheDir }: RenderJob): Prior {
  const none: Prior = { isThere: false, lastUs: 0, find: () => undefined };
  if (before?.index === undefined) return none;
  let index: Buffer;
  try {
    index = readFileSync(join(cacheDir, before.index.file));
  } catch {
    // It was evicted meanwhile: dates start anew, from when entries were imported.
    return none;
  }
  const count = before.index.records;
  if (index.length !== count * (RECORD_BYTES + 4)) return none;
  return {
    isThere: true,
    lastUs: count === 0 ? 0 : index.readDoubleLE((count - 1) * RECORD_BYTES + AT.date),
    find(id) {
      let [low, high] = [0, count];
      while (low < high) {
        const middle = (low + high) >>> 1;
        const at = index.readUInt32LE(count * RECORD_BYTES + middle * 4) * RECORD_BYTES;
        const order = index.compare(id, 0, ID_BYTES, at + AT.id, at + AT.id + ID_BYTES);
        if (order === 0) {
          return {
            dateUs: index.readDoubleLE(at + AT.date),
            modifiedMs: index.readDoubleLE(at + AT.modified),
            hash: index.subarray(at + AT.hash, at + AT.hash + HASH_BYTES),
          };
        }
        if (order < 0) low = middle + 1;
        else high = middle;
      }
      return undefined;
    },
  };
}
