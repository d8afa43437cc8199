import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const WANTED = 200_000;

/**
 * Host names for the indicators that the gateway holds while it is measured: real lists where the test data is, and
 * made-up names for the rest.
 */
export async function writeIndicators(
  dir: string,
): Promise<{ readonly file: string; readonly count: number }> {
  const hosts = new Set<string>();
  const data = process.env['SALLYPORT_DATA'] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
  for (const name of ['maltrail_trails.csv.gz', 'dga.csv.gz', 'categories_ut1.csv.gz']) {
    const path = join(data, '03-domains', name);
    if (!existsSync(path)) continue;
    const text = gunzipSync(await readFile(path)).toString('utf8');
    for (const line of text.split('\n')) {
      const host = line.split(',').find((cell) => HOST.test(cell));
      if (host !== undefined && hosts.size < WANTED) hosts.add(host.toLowerCase());
    }
  }
  for (let i = 0; hosts.size < WANTED; i++)
    hosts.add(`${((i * 2_654_435_761) % 2 ** 32).toString(36)}.bench.example`);
  const file = join(dir, 'indicators.txt');
  await writeFile(file, `${[...hosts].join('\n')}\n`);
  return { file, count: hosts.size };
}

const HOST = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$/i;
