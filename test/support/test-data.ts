import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const DATA = process.env['SALLYPORT_DATA'] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'data');

/** Where a file or folder of the test data is, whether it is there or not. */
export function dataPath(path: string): string {
  return join(DATA, path);
}

/** A file of the test data, unpacked; `undefined` when the data is not on this machine. */
export function testData(path: string): Buffer | undefined {
  const file = join(DATA, path);
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** The reason to skip by when the data is not there. */
export function missingData(path: string): string | false {
  return existsSync(join(DATA, path)) ? false : `${path} is not there: set SALLYPORT_DATA to the test data`;
}
