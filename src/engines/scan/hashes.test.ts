import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { found, missed, type ScanLab, scanLab } from '../../../test/support/scan.ts';
import type { FileVerdict } from '../../kernel/index.ts';

const hashOf = (algorithm: string, bytes: Buffer): string =>
  createHash(algorithm).update(bytes).digest('hex');

async function scanned(lab: ScanLab, bytes: Buffer, sha256Only: boolean): Promise<FileVerdict> {
  const scan = lab.engine.open({ name: 'x', profile: 'full', sha256Only });
  try {
    for (let at = 0; at < bytes.length; at += 3000) await scan.write(bytes.subarray(at, at + 3000));
    return await scan.finish();
  } finally {
    scan.close();
  }
}

test('all hashes of a body in memory, of one that is spooled on the way, and of one that is not kept', async (t) => {
  const lab = await scanLab(t, (config) => ({
    ...config,
    memoryMax: 10_000,
    memoryTotal: 12_000,
    bytesMax: 50_000,
  }));
  for (const size of [0, 1, 9999, 10_000, 10_001, 49_999, 50_001, 90_000]) {
    const bytes = Buffer.from(Array.from({ length: size }, (_, at) => (at * 31 + size) & 0xff));
    const { md5, sha1, sha256 } = await scanned(lab, bytes, false);
    assert.deepEqual(
      [md5, sha1, sha256],
      ['md5', 'sha1', 'sha256'].map((each) => hashOf(each, bytes)),
      String(size),
    );
  }
});

test('MD5 and SHA-1 are left out where nobody reads them, until a list has one', async (t) => {
  const lab = await scanLab(t, (config) => ({ ...config, memoryMax: 10_000 }));
  const bad = Buffer.from('known to be bad by its MD5');
  const large = Buffer.alloc(40_000, 'large');
  for (const bytes of [bad, large]) {
    const { md5, sha1, sha256, verdict } = await scanned(lab, bytes, true);
    assert.deepEqual([md5, sha1, sha256, verdict], ['', '', hashOf('sha256', bytes), 'clean']);
    const remembered = await scanned(lab, bytes, false);
    assert.deepEqual(
      [remembered.cached, remembered.md5, remembered.sha1],
      [true, hashOf('md5', bytes), hashOf('sha1', bytes)],
      'whoever reads them gets them, also of what is remembered',
    );
  }
  await lab.indicators.add('md5', `${hashOf('md5', bad)}\n`, { severity: 'critical', category: 'malware' });
  const known = await scanned(lab, bad, true);
  assert.deepEqual([known.verdict, found(known)], ['malicious', ['hashes malware']]);
  await lab.indicators.add('sha1', `${hashOf('sha1', large)}\n`, { severity: 'high', category: 'trojan' });
  assert.deepEqual(found(await scanned(lab, large, true)), ['hashes trojan']);
});

test('more than two gibibytes: hashed to the end, and said to be beyond the limit', async (t) => {
  const lab = await scanLab(t, (config) => ({ ...config, bytesMax: 1 << 20 }));
  const piece = Buffer.alloc(1 << 24, 7);
  const whole = createHash('sha256');
  const scan = lab.engine.open({ name: 'disk.img', profile: 'full', sha256Only: true });
  for (let count = 0; count < 129; count++) {
    await scan.write(piece);
    whole.update(piece);
  }
  const verdict = await scan.finish();
  assert.deepEqual([scan.bytes, verdict.bytes], [129 * (1 << 24), 129 * (1 << 24)]);
  assert.deepEqual([verdict.verdict, verdict.sha256], ['unknown', whole.digest('hex')]);
  assert.deepEqual(missed(verdict), ['limit']);
  assert.equal(scan.replayable, false);
  scan.close();
  assert.equal(lab.counts.get('scan_spool_bytes') ?? 0, 0);
});
