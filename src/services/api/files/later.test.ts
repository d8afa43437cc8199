import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { EICAR, fileLab, type FileLab, formOf } from '../../../../test/support/file-lab.ts';
import { scopeOf } from '../../../../test/support/scope.ts';
import { zipOf } from '../../../../test/support/zip.ts';
import { acceptedFileSchema } from '../documentation-files.ts';

const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const BLOCK_MALICIOUS = 'when: { file-verdict: malicious }, then: { block: true, quarantine: true }';

/** Asks until the verdict is there. */
async function verdictAt(lab: FileLab, location: string) {
  for (;;) {
    const answer = await lab.ask({ method: 'GET', path: location });
    if (answer.status === 200) return answer.json();
    assert.deepEqual([answer.status, answer.json().code], [404, 'file-not-scanned']);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('wait=false: the answer names where the verdict will be, and it is there', async (t) => {
  const lab = await fileLab(scopeOf(t), { rules: [BLOCK_MALICIOUS] });
  const zip = zipOf([['x/eicar.com', EICAR]]);
  const answer = await lab.ask({ path: '/api/v1/files?wait=false&name=x.zip', body: zip });
  const location = `/api/v1/files/${shaOf(zip)}`;
  assert.equal(answer.status, 202);
  assert.match(answer.text, new RegExp(`\r\nLocation: ${location}\r\nRetry-After: 1\r\n`));
  const accepted: unknown = answer.json();
  assert.deepEqual(acceptedFileSchema.strict().parse(accepted), {
    name: 'x.zip',
    sha256: shaOf(zip),
    bytes: zip.length,
    location,
  });
  assert.equal((await verdictAt(lab, location)).verdict, 'malicious');
  // What policy wants is done without anybody who waits.
  assert.equal((await lab.quarantine.store.show(shaOf(zip))).name, 'x.zip');
  assert.equal(lab.open(), 0);
  const form = formOf([
    { name: 'a', bytes: 'hello' },
    { name: 'b', bytes: 'world' },
  ]);
  const several = await lab.ask({ ...form, path: '/api/v1/files?wait=false' });
  assert.deepEqual([several.status, several.list().map(({ name }) => name)], [202, ['a', 'b']]);
  assert.doesNotMatch(several.text, /\r\nLocation: /);
  assert.equal((await verdictAt(lab, `/api/v1/files/${shaOf(Buffer.from('world'))}`)).bytes, 5);
  assert.equal((await lab.ask({ path: '/api/v1/files?wait=no', body: zip })).json().code, 'wait-malformed');
});

test('a malicious file posts an event, whoever waits for it; another one posts none', async (t) => {
  const lab = await fileLab(scopeOf(t), { rules: [BLOCK_MALICIOUS] });
  await lab.ask({ path: '/api/v1/files?name=eicar.com', body: EICAR });
  await lab.ask({ body: Buffer.from('harmless') });
  const zip = zipOf([['x/eicar.com', EICAR]]);
  await lab.ask({ path: '/api/v1/files?wait=false', body: zip });
  await verdictAt(lab, `/api/v1/files/${shaOf(zip)}`);
  assert.deepEqual(
    lab.door.events.map(({ type, severity, door, source, user, target, reason, details }) => [
      type,
      severity,
      door,
      source,
      user,
      target,
      reason,
      details['rule'],
      details['decision'],
      details['path'],
    ]),
    [
      // The file itself is no member of another: nothing is said.
      ['eicar.com', undefined],
      [shaOf(zip), 'x/eicar.com'],
    ].map(([target, path]) => [
      'file.malicious',
      'warn',
      'api',
      '10.0.0.9',
      'token:filer',
      target,
      'eicar: EICAR-Test-File',
      'r0',
      'block',
      path,
    ]),
  );
});

test('files that nobody waits for take room as the others do', async (t) => {
  const lab = await fileLab(scopeOf(t), {
    config: (base) => ({ ...base, files: { ...base.files, uploadsMax: 1 } }),
  });
  const zip = zipOf([['x/eicar.com', EICAR]]);
  const ask = () => lab.ask({ path: '/api/v1/files?wait=false', body: zip });
  const statuses = (await Promise.all([ask(), ask(), ask()])).map(({ status }) => status);
  assert.deepEqual(
    statuses.toSorted((a, b) => a - b),
    [202, 503, 503],
  );
  await verdictAt(lab, `/api/v1/files/${shaOf(zip)}`);
  while (lab.open() > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await ask()).status, 202);
  while (lab.open() > 0) await new Promise((resolve) => setImmediate(resolve));
});
