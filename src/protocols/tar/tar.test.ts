import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempDir } from '../../../test/support/scope.ts';
import { TarReader } from './index.ts';

const LIMITS = { nameBytesMax: 4096, entriesMax: 100 };

/** What is in an archive that arrives in pieces of `step` bytes. */
function contentOf(archive: Buffer, step: number, limits = LIMITS) {
  const reader = new TarReader(limits);
  const files: [name: string, text: string][] = [];
  let at = 0;
  for (;;) {
    const event = reader.next();
    if (event.kind === 'need-data') {
      if (at >= archive.length) reader.receiveEnd();
      else reader.receive(archive.subarray(at, (at += step)));
    } else if (event.kind === 'file') files.push([event.name, '']);
    else if (event.kind === 'data') files.at(-1)![1] += Buffer.from(event.bytes).toString();
    else if (event.kind === 'end') return { files, end: 'end' };
    else if (event.kind === 'violation') return { files, end: event.code };
  }
}

async function madeArchive(t: Parameters<typeof tempDir>[0], format: string): Promise<Buffer> {
  const dir = await tempDir(t, 'tar');
  const long = `${'long-'.repeat(14)}/${'long-'.repeat(14)}`;
  mkdirSync(join(dir, 'blacklists', long), { recursive: true });
  writeFileSync(join(dir, 'blacklists', 'a'), 'one\n');
  writeFileSync(join(dir, 'blacklists', 'empty'), '');
  writeFileSync(join(dir, 'blacklists', long, 'big'), 'x'.repeat(1500));
  symlinkSync('a', join(dir, 'blacklists', 'link'));
  execFileSync('tar', [
    `--format=${format}`,
    '--sort=name',
    '-cf',
    join(dir, 'x.tar'),
    '-C',
    dir,
    'blacklists',
  ]);
  return readFileSync(join(dir, 'x.tar'));
}

for (const format of ['ustar', 'pax', 'gnu']) {
  test(`an archive of format ${format} is read the same however it is cut`, async (t) => {
    const bytes = await madeArchive(t, format);
    const whole = contentOf(bytes, bytes.length);
    assert.equal(whole.end, 'end');
    assert.deepEqual(
      whole.files.map(([name, text]) => [name.replace(/(?:long-)+\/(?:long-)+/, 'L'), text.length]),
      [
        ['blacklists/a', 4],
        ['blacklists/empty', 0],
        ['blacklists/L/big', 1500],
      ],
    );
    for (const step of [1, 7, 511, 512, 513]) assert.deepEqual(contentOf(bytes, step), whole, String(step));
  });
}

test('what is cut, damaged or too much is said, and nothing after it', async (t) => {
  const bytes = await madeArchive(t, 'gnu');
  for (const cut of [100, 600, 1100]) {
    assert.equal(contentOf(bytes.subarray(0, cut), 64).end, 'TAR_CUT', String(cut));
  }
  const damaged = Buffer.from(bytes);
  damaged[10]! ^= 1;
  assert.deepEqual(contentOf(damaged, 512), { files: [], end: 'TAR_BAD_HEADER' });
  assert.equal(contentOf(Buffer.from('<html>'.repeat(200)), 512).end, 'TAR_BAD_HEADER');
  assert.equal(contentOf(bytes, 512, { ...LIMITS, nameBytesMax: 60 }).end, 'TAR_NAME_TOO_LONG');
  assert.equal(contentOf(bytes, 512, { ...LIMITS, entriesMax: 2 }).end, 'TAR_TOO_MANY_FILES');
  assert.equal(contentOf(Buffer.alloc(0), 512).end, 'end');
});
