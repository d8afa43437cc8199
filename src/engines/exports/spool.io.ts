import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TaxiiObject } from '../../protocols/taxii/index.ts';

/** Writes a bundle of objects to a file of its own for as long as `use` works on it. */
export async function withBundle<T>(
  dir: string,
  name: string,
  objects: AsyncIterable<TaxiiObject>,
  use: (file: string) => Promise<T>,
): Promise<T> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, `${name}.json`);
  try {
    await pipeline(Readable.from(bundleText(objects)), createWriteStream(file, { mode: 0o600 }));
    return await use(file);
  } finally {
    rmSync(file, { force: true });
  }
}

async function* bundleText(objects: AsyncIterable<TaxiiObject>): AsyncGenerator<string> {
  yield '{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[';
  let separator = '\n';
  for await (const object of objects) {
    yield `${separator}${JSON.stringify(object)}`;
    separator = ',\n';
  }
  yield `\n]}\n`;
}
