import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { compoundOf, macroStream, zipOf } from '../../../test/support/archives.ts';
import type { FileVerdict } from '../../kernel/index.ts';
import { EICAR, found, missed, scanLab } from '../../../test/support/scan.ts';

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

test('hashes, type, verdict and stages of a clean text; the second time from memory', async (t) => {
  const lab = await scanLab(t);
  const bytes = 'nothing to see here\n';
  const verdict = await lab.scan(bytes, 'a.txt');
  assert.equal(verdict.sha256, sha256(bytes));
  assert.equal(verdict.sha1, createHash('sha1').update(bytes).digest('hex'));
  assert.equal(verdict.md5, createHash('md5').update(bytes).digest('hex'));
  assert.deepEqual(
    [verdict.verdict, verdict.score, verdict.bytes, verdict.type.name, verdict.cached],
    ['clean', 20, 20, 'text', false],
  );
  assert.deepEqual(
    verdict.stages.map(({ stage, state }) => `${stage} ${state}`),
    [
      'hashes done',
      'eicar done',
      'unpack done',
      'yara done',
      'urls done',
      'prediction skipped',
      'clamd skipped',
      'icap skipped',
    ],
  );
  assert.equal((await lab.scan(bytes, 'b.txt')).cached, true);
  assert.equal(lab.counts.get('scan_cached_total'), 1);
  await lab.indicators.add('other', 'evil.example\n');
  assert.equal((await lab.scan(bytes, 'a.txt')).cached, false, 'other indicators, another version');
});

test('the EICAR file is found plain, early, and in an archive in an archive', async (t) => {
  const lab = await scanLab(t);
  const scan = lab.engine.open({ name: 'eicar.com', profile: 'full' });
  await scan.write(Buffer.from(EICAR.slice(0, 30)));
  const before = scan.early;
  assert.equal(before, undefined);
  await scan.write(Buffer.from(EICAR.slice(30)));
  const early: FileVerdict | undefined = scan.early;
  assert.equal(early?.verdict, 'malicious');
  const plain = await scan.finish();
  scan.close();
  assert.deepEqual(
    [plain.verdict, plain.score, found(plain)],
    ['malicious', 100, ['eicar EICAR-Test-File', 'yara EICAR_Test_File']],
  );
  const zip = zipOf([{ name: 'eicar.com', bytes: EICAR }]);
  const verdict = await lab.scan(gzipSync(zip), 'x.gz');
  assert.deepEqual(found(verdict), [
    'eicar EICAR-Test-File data/eicar.com',
    'yara EICAR_Test_File data/eicar.com',
  ]);
});

test('encrypted and damaged archives have answers of their own, and what was read counts', async (t) => {
  const lab = await scanLab(t);
  const locked = await lab.scan(zipOf([{ name: 'eicar.com', bytes: EICAR, encrypted: true }]));
  assert.deepEqual([locked.verdict, missed(locked)], ['unknown', ['encrypted eicar.com']]);
  const damaged = await lab.scan(zipOf([{ name: 'a.txt', bytes: 'text', crc: 7 }]));
  assert.deepEqual([damaged.verdict, missed(damaged)], ['unknown', ['damaged a.txt']]);
  const both = await lab.scan(zipOf([{ name: 'eicar.com', bytes: EICAR, crc: 7 }]));
  assert.deepEqual([both.verdict, missed(both)], ['malicious', ['damaged eicar.com']]);
});

test('known by its hash: bad at once, good by SHA-256 at once, good by MD5 never', async (t) => {
  const lab = await scanLab(t);
  const good = zipOf([{ name: 'eicar.com', bytes: EICAR }]);
  const half = Buffer.from(EICAR);
  await lab.indicators.add('bad', `${sha256('bad file')}\n`, { severity: 'critical', category: 'malware' });
  await lab.indicators.add('good', `${sha256(good)}\n`, { action: 'allow' });
  await lab.indicators.add('weak', `${createHash('md5').update(half).digest('hex')}\n`, { action: 'allow' });
  const bad = await lab.scan('bad file');
  assert.deepEqual([bad.verdict, bad.score, found(bad)], ['malicious', 100, ['hashes malware']]);
  assert.deepEqual(bad.stages.find(({ stage }) => stage === 'yara')?.why, 'malicious by its hash');
  const known = await lab.scan(good);
  assert.deepEqual([known.verdict, known.score, found(known)], ['clean', 10, []]);
  const weak = await lab.scan(half);
  assert.equal(weak.verdict, 'malicious');
  assert.ok(weak.matches.some(({ feed }) => feed === 'weak'));
});

test('a bad file inside an archive is found by its hash; a page with a bad link is suspicious', async (t) => {
  const lab = await scanLab(t);
  await lab.indicators.add('files', `${sha256('inner bad')}\n`, { severity: 'high', category: 'trojan' });
  await lab.indicators.add('links', 'http://evil.example/landing\n', { severity: 'critical' });
  const file = await lab.scan(zipOf([{ name: 'in/a.bin', bytes: 'inner bad' }]));
  assert.deepEqual([file.verdict, found(file)], ['malicious', ['hashes trojan in/a.bin']]);
  const page = await lab.scan(
    zipOf([{ name: 'p.html', bytes: '<html><a href="http://evil.example/landing">here</a></html>' }]),
  );
  assert.deepEqual(
    [page.verdict, page.score, page.findings],
    [
      'suspicious',
      60,
      [
        {
          stage: 'urls',
          name: 'http://evil.example/landing',
          source: 'links',
          severity: 'low',
          path: 'p.html',
        },
      ],
    ],
  );
  assert.equal(page.matches[0]?.severity, 'critical', 'what the list says stays known');
  const report = await lab.scan('Do not open http://evil.example/landing, which was seen today.\n', 'a.txt');
  assert.deepEqual([report.verdict, found(report)], ['suspicious', ['urls http://evil.example/landing']]);
  const both = await lab.scan(`${EICAR}\nhttp://evil.example/landing`, 'b.txt');
  assert.equal(both.verdict, 'malicious', 'a link never makes it better');
});

test('macros alone are a trait; macros that start a program by themselves are malicious', async (t) => {
  const lab = await scanLab(t);
  const document = (source: string): Buffer =>
    compoundOf({ WordDocument: Buffer.from('text'), 'Macros/VBA/Module1': macroStream(source) });
  const plain = await lab.scan(document('Attribute VB_Name = "M"\r\nSub Hello()\r\nMsgBox 1\r\nEnd Sub\r\n'));
  assert.deepEqual([plain.verdict, found(plain)], ['clean', ['unpack macros Macros/VBA/Module1']]);
  const bad = await lab.scan(
    document(
      'Attribute VB_Name = "M"\r\nSub AutoOpen()\r\nCreateObject("WScript.Shell").Run "calc"\r\nEnd Sub\r\n',
    ),
  );
  assert.equal(bad.verdict, 'malicious');
  assert.ok(found(bad).includes('yara Macro_Runs_Command_By_Itself Macros/VBA/Module1.vba'));
});

test('profiles: hashes alone, nothing, one of the configuration, an unknown one scans all', async (t) => {
  const lab = await scanLab(t, (config) => ({ ...config, profiles: [{ name: 'rules', stages: ['yara'] }] }));
  const zip = zipOf([{ name: 'eicar.com', bytes: EICAR }]);
  assert.deepEqual(lab.engine.profiles, ['full', 'hashes', 'off', 'rules']);
  const hashes = await lab.scan(zip, 'z', 'hashes');
  assert.deepEqual([hashes.verdict, hashes.type.name, found(hashes)], ['unknown', 'zip', []]);
  const off = await lab.scan(EICAR, 'z', 'off');
  assert.deepEqual([off.verdict, off.sha256, found(off)], ['unknown', sha256(EICAR), []]);
  assert.deepEqual(found(await lab.scan(EICAR, 'z', 'rules')), [
    'eicar EICAR-Test-File',
    'yara EICAR_Test_File',
  ]);
  assert.equal((await lab.scan(zip, 'z', 'rules')).verdict, 'clean', 'nothing is unpacked');
  assert.equal((await lab.scan(zip, 'z', 'no-such')).verdict, 'malicious');
});

test('too long: said before the first byte where it is declared, hashed all the same', async (t) => {
  const lab = await scanLab(t, (config) => ({ ...config, bytesMax: 1000 }));
  const scan = lab.engine.open({ name: 'x', profile: 'full', bytes: 5000 });
  assert.deepEqual(missed(scan.early!), ['limit']);
  const bytes = Buffer.alloc(5000, 1);
  await scan.write(bytes);
  const verdict = await scan.finish();
  assert.deepEqual([verdict.verdict, verdict.sha256, missed(verdict)], ['unknown', sha256(bytes), ['limit']]);
  assert.equal(scan.replayable, false);
  await assert.rejects(
    async () => {
      for await (const _ of scan.replay()) assert.fail('nothing was kept');
    },
    { code: 'SCAN_NOT_KEPT' },
  );
  scan.close();
  scan.close();
});

test('what was written is read again, from memory and from the spool; closing gives everything back', async (t) => {
  const lab = await scanLab(t, (config) => ({ ...config, memoryMax: 10_000, memoryTotal: 30_000 }));
  for (const size of [0, 1, 9999, 10_000, 10_001, 700_000]) {
    const bytes = Buffer.from(Array.from({ length: size }, (_, at) => (at * 31) & 0xff));
    const scan = lab.engine.open({ name: 'x', profile: 'full' });
    for (let at = 0; at < size; at += 4096) await scan.write(bytes.subarray(at, at + 4096));
    const verdict = await scan.finish();
    assert.equal(verdict.sha256, sha256(bytes));
    for (let time = 0; time < 2; time++) {
      const pieces: Uint8Array[] = [];
      for await (const piece of scan.replay()) pieces.push(Uint8Array.from(piece));
      assert.ok(Buffer.concat(pieces).equals(bytes), String(size));
    }
    scan.close();
    scan.close();
    assert.equal(lab.counts.get('scan_spool_bytes') ?? 0, 0);
  }
});

test('a scan that is closed while it is judged still gets its verdict', async (t) => {
  const lab = await scanLab(t, (config) => ({ ...config, memoryMax: 1000 }));
  const scan = lab.engine.open({ name: 'x', profile: 'full' });
  await scan.write(
    zipOf([
      { name: 'eicar.com', bytes: EICAR },
      { name: 'pad', bytes: Buffer.alloc(5000), stored: true },
    ]),
  );
  const verdict = scan.finish();
  scan.close();
  assert.equal((await verdict).verdict, 'malicious');
  assert.equal(scan.finish(), verdict);
});

test('no room in the spool is an incomplete scan, not a failure', async (t) => {
  const lab = await scanLab(t, (config) => ({ ...config, memoryMax: 1000, spoolMax: 2000 }));
  const verdict = await lab.scan(Buffer.alloc(10_000, 1));
  assert.deepEqual([verdict.verdict, missed(verdict)], ['unknown', ['unavailable']]);
  assert.equal((await lab.scan(Buffer.alloc(1500, 1))).verdict, 'clean', 'the room is given back');
});
