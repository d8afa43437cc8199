import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipOf } from '../../../test/support/archives.ts';
import { EICAR, found, missed, scanLab } from '../../../test/support/scan.ts';

test('a bomb of archives in archives ends at a limit, and what is in front of it is found', async (t) => {
  const lab = await scanLab(t);
  // As 42.zip: sixteen archives, each of sixteen archives …, of zeros at the bottom.
  let bomb = zipOf([{ name: 'zeros', bytes: Buffer.alloc(16 << 20) }]);
  for (let level = 0; level < 4; level++) {
    bomb = zipOf(Array.from({ length: 16 }, (_, at) => ({ name: `${level}-${at}.zip`, bytes: bomb })));
  }
  const verdict = await lab.scan(
    zipOf([
      { name: 'eicar.com', bytes: EICAR },
      { name: 'bomb.zip', bytes: bomb },
    ]),
  );
  assert.equal(verdict.verdict, 'malicious');
  assert.ok(
    verdict.incomplete.some(({ reason }) => reason === 'limit'),
    missed(verdict).join(),
  );
});

test('one file that unpacks to a gigabyte ends at the ratio', async (t) => {
  const lab = await scanLab(t);
  const zeros = Buffer.alloc(1 << 20);
  const packed = gzipSync(Buffer.concat(Array.from({ length: 64 }, () => zeros)));
  const verdict = await lab.scan(Buffer.concat(Array.from({ length: 16 }, () => packed)));
  assert.deepEqual(missed(verdict), ['limit data']);
});

test('an archive of 100,000 entries is read up to the limit', async (t) => {
  const lab = await scanLab(t, (config) => ({ ...config, unpack: { ...config.unpack, entriesMax: 20_000 } }));
  const parts = Array.from({ length: 100_000 }, (_, at) => ({ name: `f${at}`, bytes: 'x', stored: true }));
  parts[100] = { name: 'eicar.com', bytes: EICAR, stored: true };
  const verdict = await lab.scan(zipOf(parts, { wide: true }));
  assert.ok(found(verdict).includes('eicar EICAR-Test-File eicar.com'));
  assert.deepEqual(missed(verdict), ['limit']);
});

test('an archive that contains itself for ever ends at the depth', async (t) => {
  const lab = await scanLab(t);
  let nested = Buffer.from(EICAR);
  for (let depth = 0; depth < 30; depth++) nested = gzipSync(nested);
  const verdict = await lab.scan(nested);
  assert.equal(verdict.verdict, 'unknown');
  assert.deepEqual(missed(verdict), [`limit ${Array.from({ length: 8 }, () => 'data').join('/')}`]);
});

test('halves of files, declared sizes beyond all bounds, names that lead upward', async (t) => {
  const lab = await scanLab(t);
  const whole = zipOf([
    { name: '../../../../etc/cron.d/x', bytes: EICAR },
    { name: 'huge', bytes: 'small', size: 0xffff_fff0 },
    { name: 'rest', bytes: Buffer.alloc(50_000, 5) },
  ]);
  const verdict = await lab.scan(whole);
  assert.ok(found(verdict).includes('eicar EICAR-Test-File ../../../../etc/cron.d/x'));
  assert.deepEqual(missed(verdict), ['damaged huge']);
  for (const length of [1, 10, 30, 100, whole.length >> 1, whole.length - 1]) {
    const half = await lab.scan(whole.subarray(0, length));
    assert.ok(['malicious', 'unknown', 'clean'].includes(half.verdict), String(length));
    if (length > 100) assert.ok(half.incomplete.length > 0, String(length));
  }
});

test('unpacking that takes too long stops, and what came out is judged', async (t) => {
  const lab = await scanLab(t, (config) => ({ ...config, unpack: { ...config.unpack, timeoutMs: 1 } }));
  const parts = Array.from({ length: 9000 }, (_, at) => ({ name: `f${at}`, bytes: 'some text '.repeat(50) }));
  const verdict = await lab.scan(zipOf([{ name: 'eicar.com', bytes: EICAR }, ...parts]));
  assert.deepEqual(
    verdict.incomplete.map(({ reason }) => reason),
    ['timeout'],
  );
});

test('large inner files go to the spool and are looked at as a whole', async (t) => {
  const lab = await scanLab(t, (config) => ({
    ...config,
    unpack: { ...config.unpack, memberMemory: 65_536 },
    yara: { ...config.yara, windowMax: 1 << 20 },
  }));
  const inner = zipOf([
    {
      name: 'pad',
      bytes: Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * at) & 0xff)),
      stored: true,
    },
    { name: 'eicar.com', bytes: EICAR },
  ]);
  const verdict = await lab.scan(gzipSync(inner));
  assert.ok(found(verdict).includes('eicar EICAR-Test-File data/eicar.com'));
  assert.deepEqual(missed(verdict), []);
});
