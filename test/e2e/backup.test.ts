import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN_PASSWORD, getHttps, startGateway } from '../support/gateway.ts';
import { scopeOf, tempDir } from '../support/scope.ts';

const PASSPHRASE = 'the passphrase of the backup';

test('a gateway is backed up while it runs, and comes back elsewhere with its authority, tokens and lists', async (t) => {
  const scope = scopeOf(t);
  const dir = await tempDir(scope, 'backup');
  const passphraseFile = join(dir, 'passphrase');
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  const file = join(dir, 'gateway.spb');
  const how = ['--passphrase-file', passphraseFile];

  const first = await startGateway(scope);
  const { token } = (await first.ask('token', 'create', '--name', 'siem', '--scope', 'read')) as {
    token: string;
  };
  await first.ask('indicator', 'block', 'bad.example', '--note', 'from the backup');
  const list = join(dir, 'list.txt');
  writeFileSync(list, 'listed.example\n');
  await first
    .ask('feed', 'import', list, '--feed', 'mine', '--format', 'hosts-plain')
    .catch(() => first.ask('feed', 'import', list, '--feed', 'mine'));
  const authority = (await getHttps(first.ports.https ?? 0, '/ca.crt')).body;
  await first.ask('backup', file, ...how);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(readFileSync(file).includes('bad.example'), false);
  const again = await first.command('backup', file, ...how, '--json');
  assert.equal((JSON.parse(again.stderr) as { code: string }).code, 'FILE_EXISTS');
  const running = await first.command('restore', file, ...how, '--json');
  assert.equal(running.code, 4);
  await first.command('stop');

  const other = join(await tempDir(scope, 'restored'), 'data');
  const words = ['restore', file, ...how, '--data-dir', other, '--json'];
  const bin = new URL('../../bin/sallyport.mjs', import.meta.url).pathname;
  const { version } = JSON.parse(execFileSync(process.execPath, [bin, ...words], { encoding: 'utf8' })) as {
    version: string;
  };
  assert.match(version, /^\d+\.\d+\.\d+/);

  const second = await startGateway(scope, { dataDir: other });
  const port = second.ports.https ?? 0;
  assert.equal((await getHttps(port, '/ca.crt')).body, authority);
  assert.equal((await getHttps(port, '/metrics', { Authorization: `Bearer ${token}` })).status, 200);
  for (const name of ['bad.example', 'listed.example']) {
    const { verdict } = (await second.ask('lookup', 'domain', name)) as { verdict: string };
    assert.equal(verdict, 'malicious', name);
  }
});

test('a bundle for support has the facts and no secret', async (t) => {
  const scope = scopeOf(t);
  const dir = await tempDir(scope, 'bundle');
  const gateway = await startGateway(scope);
  const { token } = (await gateway.ask('token', 'create', '--name', 'siem', '--scope', 'read')) as {
    token: string;
  };
  const feed = [
    '--url',
    'https://u:url-secret@lists.example/a',
    '--auth',
    'bearer',
    '--secret',
    'feed-secret-value',
  ];
  await gateway.command('feed', 'add', 'f', ...feed);
  const file = join(dir, 'logs.tar.gz');
  await gateway.ask('log', 'collect', file, '--access');
  const names = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n');
  for (const name of ['doctor', 'show-health', 'settings', 'show-audit', 'show-metrics', 'system']) {
    assert.ok(names.includes(`sallyport/${name}.json`), name);
  }
  const all = execFileSync('tar', ['-xzOf', file], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  assert.match(all, /"part": "forward-proxy"/);
  for (const secret of [token, 'url-secret', 'feed-secret-value', ADMIN_PASSWORD, 'PRIVATE KEY']) {
    assert.equal(all.includes(secret), false, secret);
  }
});
