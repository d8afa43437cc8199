import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { clientOf } from '../support/client.ts';
import { ADMIN_PASSWORD, startGateway } from '../support/gateway.ts';
import { scopeOf, tempDir } from '../support/scope.ts';

const PASSPHRASE = 'the passphrase of the backup';
const BIN = new URL('../../bin/sallyport.mjs', import.meta.url).pathname;

async function bytesOf(blob: Blob): Promise<Buffer> {
  return Buffer.from(await blob.arrayBuffer());
}

test('a backup is downloaded, opens with its passphrase alone, and signs nobody in where it is restored', async (t) => {
  const scope = scopeOf(t);
  const gateway = await startGateway(scope);
  const client = await clientOf(gateway);
  await client.call('POST /api/v1/session', { body: { user: 'admin', password: ADMIN_PASSWORD } });
  const short = client.call('POST /api/v1/backup', { body: { passphrase: 'short' } });
  await assert.rejects(short, { status: 400, code: 'invalid-input' });

  const body = { passphrase: PASSPHRASE };
  const [first, second] = await Promise.allSettled([
    client.call('POST /api/v1/backup', { body, idempotencyKey: 'a' }),
    client.call('POST /api/v1/backup', { body, idempotencyKey: 'b' }),
  ]);
  const whole = [first, second].flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const [reason] = [first, second].flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  assert.equal((reason as { readonly code: string }).code, 'giving-busy', 'one at a time');
  const bytes = await bytesOf(whole[0] ?? new Blob([]));
  assert.equal(bytes.subarray(0, 4).toString(), 'SPB1');
  const again = await client.call('POST /api/v1/backup', { body, idempotencyKey: 'a' });
  assert.equal((await bytesOf(again)).subarray(0, 4).toString(), 'SPB1', 'the same key gets a new one');
  assert.deepEqual(
    readdirSync(join(gateway.dataDir, 'run')).filter((name) => name.startsWith('given-')),
    [],
    'nothing is left of it on the gateway',
  );
  const audit = await client.call('GET /api/v1/audit', { query: { action: 'backup.download' } });
  assert.equal(audit.items.length, 2);
  assert.equal(JSON.stringify(audit).includes(PASSPHRASE), false);

  const dir = await tempDir(scope, 'download');
  const [file, phrase, dataDir] = ['gateway.spb', 'phrase', 'data'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(file, bytes);
  writeFileSync(phrase, PASSPHRASE, { mode: 0o600 });
  const words = ['restore', file, '--passphrase-file', phrase, '--data-dir', dataDir];
  execFileSync(process.execPath, [BIN, ...words]);
  const restored = await startGateway(scope, { dataDir });
  assert.deepEqual(await restored.ask('show', 'sessions'), []);
});

test('the bundle for support is downloaded without secrets', async (t) => {
  const scope = scopeOf(t);
  const gateway = await startGateway(scope);
  const client = await clientOf(gateway);
  const bundle = await bytesOf(await client.call('POST /api/v1/support-bundle', { body: {} }));
  const file = join(await tempDir(scope, 'bundle'), 'bundle.tar.gz');
  writeFileSync(file, bundle);
  const names = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' });
  for (const name of ['doctor', 'show-health', 'settings', 'show-audit'])
    assert.ok(names.includes(name), name);
  assert.equal(names.includes('access.log'), false, 'only when it is asked for');
  const all = execFileSync('tar', ['-xzOf', file], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  for (const secret of [ADMIN_PASSWORD, 'PRIVATE KEY']) assert.equal(all.includes(secret), false, secret);
});
