import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { EICAR, fileLab, type FileRequest, formOf } from '../../../../test/support/file-lab.ts';
import { scopeOf } from '../../../../test/support/scope.ts';
import { zipOf } from '../../../../test/support/zip.ts';
import { analyzedFileSchema, fileReportSchema } from '../documentation-files.ts';

const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const BLOCK_MALICIOUS = 'when: { file-verdict: malicious }, then: { block: true, quarantine: true }';

test('a file gets its verdict with the decision: raw, in a form, and in a zip', async (t) => {
  const lab = await fileLab(scopeOf(t), { rules: [BLOCK_MALICIOUS] });
  const raw = (await lab.ask({ path: '/api/v1/files?name=eicar.com', body: EICAR })).json();
  assert.deepEqual(
    [raw.name, raw.verdict, raw.sha256, raw.bytes, raw.decision, raw.rule],
    ['eicar.com', 'malicious', shaOf(EICAR), EICAR.length, 'block', 'r0'],
  );
  assert.equal(raw.findings[0]?.name, 'EICAR-Test-File');
  analyzedFileSchema.strict().parse(raw);
  assert.equal(raw.scannedAt, '2026-01-02T03:04:05.006Z');
  assert.equal(raw.quarantine.kept, true);
  const one = (await lab.ask(formOf([{ name: 'a.txt', bytes: 'hello' }]))).json();
  assert.deepEqual([one.name, one.sha256, one.decision], ['a.txt', shaOf(Buffer.from('hello')), 'allow']);
  assert.equal(one.quarantine, undefined);
  const zip = zipOf([['deep/eicar.com', EICAR]]);
  const several = (
    await lab.ask(
      formOf([
        { name: 'a', bytes: 'hello' },
        { name: 'b.zip', bytes: zip },
      ]),
    )
  ).list();
  assert.deepEqual(
    several.map((each) => [each.name, each.verdict === 'malicious', each.type.name]),
    [
      ['a', false, 'text'],
      ['b.zip', true, 'zip'],
    ],
  );
  assert.ok(several[1]?.findings.some(({ path }) => path === 'deep/eicar.com'));
  assert.equal(lab.open(), 0);
  const [first, second, third] = lab.door.entries;
  assert.deepEqual([first?.decision, first?.rule, first?.bytesIn], ['block', 'r0', EICAR.length]);
  assert.deepEqual([second?.decision, third?.decision], ['allow', 'block']);
  assert.equal(lab.door.counted('api_files_total', 'malicious'), 2);
});

test('what was said of a file can be asked for, from control', async (t) => {
  const lab = await fileLab(scopeOf(t));
  const get = (sha256: string) => lab.ask({ method: 'GET', path: `/api/v1/files/${sha256}` });
  assert.deepEqual((await get(shaOf(EICAR))).json().code, 'file-not-scanned');
  await lab.ask({ body: EICAR });
  const report = (await get(shaOf(EICAR).toUpperCase())).json();
  fileReportSchema.strict().parse(report);
  assert.deepEqual([report.verdict, report.sha256, report.decision], ['malicious', shaOf(EICAR), undefined]);
  assert.equal((await get('abc')).json().code, 'sha256-malformed');
  lab.quarantine.control.isAway = true;
  assert.deepEqual((await get(shaOf(EICAR))).json().code, 'control-away');
  // Scanning does not need control.
  assert.equal((await lab.ask({ body: EICAR })).json().verdict, 'malicious');
});

test('a file that is refused by a rule is in the quarantine, byte for byte', async (t) => {
  const lab = await fileLab(scopeOf(t), { rules: [BLOCK_MALICIOUS] });
  const zip = zipOf([['x/eicar.com', EICAR]]);
  const { quarantine } = (await lab.ask({ path: '/api/v1/files?name=x.zip', body: zip })).json();
  const item = await lab.quarantine.store.show(quarantine.id);
  assert.deepEqual(
    [item.name, item.sha256, item.door, item.source, item.user, item.rule, item.media],
    ['x.zip', shaOf(zip), 'api', '10.0.0.9', 'token:filer', 'r0', 'application/zip'],
  );
  assert.equal(item.finding?.path, 'x/eicar.com');
  const answer = await lab.ask({
    method: 'GET',
    path: `/api/v1/quarantine/content/${item.id}`,
    token: 'boss',
  });
  assert.equal(answer.status, 200);
  assert.match(
    answer.text,
    /\r\nContent-Disposition: attachment; filename="[0-9a-f]{64}"; filename\*=UTF-8''x\.zip\r\n/,
  );
  assert.ok(Buffer.from(answer.text.slice(answer.text.indexOf('\r\n\r\n') + 4), 'latin1').equals(zip));
  assert.deepEqual(
    lab.quarantine.audits.map(({ action, actor }) => [action, actor]),
    [['quarantine.fetch', 'token:boss']],
  );
  const content = (token: string, id: string) =>
    lab.ask({ method: 'GET', path: `/api/v1/quarantine/content/${id}`, token });
  assert.equal((await content('filer', item.id)).json().code, 'scope-missing');
  assert.equal((await content('', item.id)).status, 401);
  assert.equal((await content('boss', 'ffffffff')).status, 404);
  assert.equal((await content('boss', '..%2f..')).status, 404);
});

test('a setting keeps what is malicious without a rule', async (t) => {
  const lab = await fileLab(scopeOf(t), {
    config: (base) => ({ ...base, quarantine: { ...base.quarantine, malicious: true } }),
  });
  const kept = (await lab.ask({ body: EICAR })).json();
  assert.deepEqual([kept.rule, kept.quarantine.kept], ['file-malicious', true]);
  assert.equal((await lab.ask({ body: Buffer.from('x') })).json().quarantine, undefined);
});

test('names are labels: no paths, no line ends, UTF-8 in all spellings', async (t) => {
  const lab = await fileLab(scopeOf(t));
  const body = Buffer.from('x');
  const name = async (request: FileRequest) => (await lab.ask({ body, ...request })).json().name;
  const disposition = (value: string): FileRequest => ({ fields: { 'Content-Disposition': value } });
  assert.equal(
    await name(disposition(`attachment; filename="a"; filename*=UTF-8''na%C3%AFve%20%E2%98%83.txt`)),
    'naïve ☃.txt',
  );
  assert.equal(await name(disposition('attachment; filename="../../etc/passwd"')), 'passwd');
  assert.equal(
    await name(disposition(`attachment; filename*=UTF-8''..%2F..%2Fx%0D%0ASet-Cookie:%20a`)),
    'x__Set-Cookie: a',
  );
  assert.equal(await name({ path: '/api/v1/files?name=%2e%2e%2fa%0d%0ab.exe' }), 'a__b.exe');
  assert.equal(await name({ path: '/api/v1/files?name=..' }), undefined);
  const form = formOf([
    { disposition: 'form-data; name="file"; filename="C:\\dir\\☃\u202e.exe"', bytes: 'x' },
  ]);
  assert.equal((await lab.ask(form)).json().name, '☃_.exe');
});

test('who may is asked before a byte is read', async (t) => {
  const lab = await fileLab(scopeOf(t));
  const cases: readonly (readonly [request: FileRequest, status: number, code: string])[] = [
    [{ token: '' }, 401, 'credentials-missing'],
    [{ token: 'nobody' }, 401, 'credentials-refused'],
    [{ token: 'reader' }, 403, 'scope-missing'],
    [{ token: 'asker' }, 403, 'scope-missing'],
    [{ token: '', port: 'http' }, 403, 'https-required'],
    [{ port: 'http' }, 403, 'credentials-over-plain-http'],
    [{ fields: { 'Sec-Fetch-Site': 'cross-site' } }, 403, 'cross-site'],
    [{ path: '/api/v1/files?profile=none' }, 400, 'profile-unknown'],
    [{ path: '/api/v1/files?profile=off' }, 400, 'profile-unknown'],
    [{ fields: { 'Content-Encoding': 'gzip' } }, 415, 'content-coding'],
  ];
  for (const [request, status, code] of cases) {
    const answer = await lab.ask({ body: EICAR, ...request });
    assert.deepEqual([answer.status, answer.json().code], [status, code], JSON.stringify(request));
    assert.match(answer.text, /\r\nConnection: close\r\n/);
  }
  assert.equal(lab.open(), 0);
  const own = await lab.ask({ body: EICAR, port: 'http', from: '127.0.0.1' });
  assert.equal(own.status, 200);
});

test('without files.requireToken everybody inside may, also on port 80', async (t) => {
  const lab = await fileLab(scopeOf(t), {
    config: (base) => ({ ...base, files: { ...base.files, requireToken: false } }),
  });
  for (const port of ['http', 'https'] as const) {
    assert.equal((await lab.ask({ body: EICAR, token: '', port })).json().verdict, 'malicious');
  }
});

test('bounds: one file, a form, its files, uploads at the same time', async (t) => {
  const lab = await fileLab(scopeOf(t), {
    config: (base) => ({ ...base, files: { ...base.files, bytesMax: 10_000, filesMax: 2, uploadsMax: 1 } }),
  });
  assert.equal((await lab.ask({ body: Buffer.alloc(10_000) })).status, 200);
  assert.equal((await lab.ask({ body: Buffer.alloc(10_001) })).json().code, 'file-too-large');
  const chunked = Buffer.concat([
    Buffer.from('4e20\r\n'),
    Buffer.alloc(20_000),
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
  const wire = await lab.door.say('https', [
    Buffer.from(
      'POST /api/v1/files HTTP/1.1\r\nHost: gw\r\nx-apikey: filer\r\nTransfer-Encoding: chunked\r\n\r\n',
    ),
    chunked,
  ]);
  assert.match(wire, /^HTTP\/1\.1 413 /);
  const part = { bytes: 'x' };
  assert.equal((await lab.ask(formOf([part, part]))).list().length, 2);
  assert.equal((await lab.ask(formOf([part, part, part]))).json().code, 'too-many-files');
  assert.equal((await lab.ask(formOf([{ bytes: Buffer.alloc(10_000) }]))).json().code, 'file-too-large');
  const answers = await Promise.all([lab.ask({ body: EICAR }), lab.ask({ body: EICAR })]);
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 503],
  );
  assert.equal(lab.open(), 0);
});

test('a client that stops anywhere frees everything, and is told where it still listens', async (t) => {
  const lab = await fileLab(scopeOf(t));
  const form = formOf([
    { name: 'a', bytes: Buffer.alloc(50_000, 'a') },
    { name: 'b', bytes: EICAR },
  ]);
  const whole = form.body.length;
  for (let left = 1; left < whole; left += 1111) {
    const answer = await lab.ask({ ...form, cutAt: -left });
    if (answer.text !== '')
      assert.match(answer.text, /HTTP\/1\.1 400 [\s\S]*"code":"body-cut"/, `${left} left`);
    assert.equal(lab.open(), 0, `${left} left`);
  }
});

test('a form that is none says why', async (t) => {
  const lab = await fileLab(scopeOf(t));
  const type = (value: string) => ({ fields: { 'Content-Type': value } });
  const cases: readonly (readonly [request: FileRequest, code: string])[] = [
    [{ ...type('multipart/form-data'), body: EICAR }, 'form-boundary'],
    [{ ...type('multipart/form-data; boundary=x'), body: EICAR }, 'form-preamble'],
    [{ ...type('multipart/form-data; boundary=x'), body: Buffer.from('--x--\r\n') }, 'file-missing'],
    [formOf([{ disposition: 'form-data; name="note"', bytes: 'x' }]), 'file-missing'],
    [{ ...type('multipart/form-data; boundary=x'), body: Buffer.from('--x\r\nA: b\r\n\r\n') }, 'form-head'],
  ];
  for (const [request, code] of cases) assert.equal((await lab.ask(request)).json().code, code);
  // A body of another type is a file, whatever it calls itself.
  assert.equal(
    (await lab.ask({ ...type('multipart/mixed; boundary=x'), body: EICAR })).json().verdict,
    'malicious',
  );
  assert.equal((await lab.ask({ body: Buffer.alloc(0) })).json().bytes, 0);
  assert.equal(lab.open(), 0);
});
