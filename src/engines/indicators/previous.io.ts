import { KEY_BYTES, type TableName } from './keys.ts';
import type { RecordCursor } from './record-cursor.io.ts';
import { expirySeconds, FLAG_REMOVED, TAIL } from './segment-format.ts';
import type { Segment } from './segment.io.ts';

/** What a feed knew before an import, asked in the order of keys: in one pass, however much it is. */
export class Previous {
  readonly #layers: readonly { readonly cursor: RecordCursor; readonly baseS: number }[];
  readonly #keyBytes: number;
  readonly #nowS: number;
  /** Whether the feed had what was asked last, ended or not. */
  isKnown = false;
  /** When it was first imported; `undefined` when it was not there or had ended: then it begins anew. */
  addedAtS: number | undefined;

  /** `layers` of one feed, the newest first. */
  constructor(layers: readonly Segment[], table: TableName, nowS: number) {
    this.#layers = layers.map((layer) => ({ cursor: layer.cursor(table), baseS: layer.directory.baseS }));
    this.#keyBytes = KEY_BYTES[table];
    this.#nowS = nowS;
  }

  /** Asks for the entry of a record. */
  ask(record: Uint8Array, at: number): void {
    this.isKnown = false;
    this.addedAtS = undefined;
    for (const { cursor, baseS } of this.#layers) {
      if (!cursor.seek(record, at) || !cursor.isAt(record, at)) continue;
      const tail = cursor.at + this.#keyBytes;
      if ((cursor.bytes[tail + TAIL.flags]! & FLAG_REMOVED) !== 0) return;
      this.isKnown = true;
      const expiresAtS = expirySeconds(cursor.bytes.readUInt16LE(tail + TAIL.expiry), baseS);
      if (expiresAtS === undefined || expiresAtS > this.#nowS)
        this.addedAtS = cursor.bytes.readUInt32LE(tail + TAIL.addedAt);
      return;
    }
  }
}
