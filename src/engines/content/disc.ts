import { isoOpener } from './iso.ts';
import { partItem } from './members.ts';
import { sevenZipOpener } from './seven-zip.io.ts';
import type { Item, OpenBounds, Source } from './types.ts';

const SECTOR = 2048;
/** Descriptors of ISO 9660 and, behind them, of UDF begin at this sector. */
const FIRST_DESCRIPTOR = 16;
const DESCRIPTORS_MAX = 64;
/** Of the partition map of Apple (Inside Macintosh: Devices, 3-26). */
const BLOCK = 512;
const PARTITIONS_MAX = 16;

/**
 * A disc that may be several at once: ISO 9660, UDF (which Windows prefers) and a volume of macOS. Each has its own list
 * of files, and what one of them shows the others need not.
 */
export async function* discOpener(source: Source, bounds: OpenBounds): AsyncIterable<Item> {
  yield* isoOpener(source, bounds);
  for (const { at, bytes } of appleVolumes(source)) yield partItem('volume.hfs', source, at, bytes);
  if (hasUdf(source) && !bounds.expired()) yield* sevenZipOpener(source, bounds, 'Udf');
}

/** ECMA-167 2/9: `NSR02` or `NSR03` among the descriptors. */
function hasUdf(source: Source): boolean {
  for (let number = FIRST_DESCRIPTOR; number < FIRST_DESCRIPTOR + DESCRIPTORS_MAX; number++) {
    const mark = source.read(number * SECTOR + 1, 5).toString('latin1');
    if (mark === 'NSR02' || mark === 'NSR03') return true;
  }
  return false;
}

function* appleVolumes(source: Source): Generator<{ readonly at: number; readonly bytes: number }> {
  for (let number = 1; number <= PARTITIONS_MAX; number++) {
    const entry = source.read(number * BLOCK, BLOCK);
    if (entry.length < BLOCK || entry.toString('latin1', 0, 2) !== 'PM') return;
    if (!/^Apple_HFSX?\0/.test(entry.toString('latin1', 48, 80))) continue;
    yield { at: entry.readUInt32BE(8) * BLOCK, bytes: entry.readUInt32BE(12) * BLOCK };
  }
}
