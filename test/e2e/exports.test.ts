import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { get as getPlain } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { getHttps, startGateway } from '../support/gateway.ts';
import { openScope, scopeOf, tempDir } from '../support/scope.ts';

/** Over port 80, as a firewall without a token does it. */
function getHttp(port: number, path: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    getPlain({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => void (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}

test('a list that is imported goes out to a firewall and over TAXII, and goes on after a restart', async (t) => {
  const scope = scopeOf(t);
  const first = openScope();
  const dataDir = join(await tempDir(scope), 'data');
  const gateway = await startGateway(first, { edges: 2, dataDir });
  const list = join(gateway.dataDir, '..', 'list.txt');
  await writeFile(list, 'evil.example\n192.0.2.66\n');
  await gateway.ask('feed', 'import', list, '--feed', 'mine', '--format', 'plain');
  await gateway.ask('export', 'add', 'firewall', '--feed', 'mine', '--public');
  const { token } = (await gateway.ask('token', 'create', '--name', 'tip', '--scope', 'intel')) as {
    readonly token: string;
  };
  const Authorization = `Bearer ${token}`;

  const plain = await getHttp(gateway.ports.http ?? 0, '/feeds/firewall.txt');
  assert.deepEqual(plain, { status: 200, body: 'evil.example\n192.0.2.66\n' });
  assert.equal((await getHttp(gateway.ports.http ?? 0, '/feeds/mine.txt')).status, 308);

  const objects = '/taxii2/root/collections/mine/objects/?match[type]=indicator';
  const taxii = await getHttps(gateway.ports.https ?? 0, objects, { Authorization });
  assert.equal(taxii.status, 200, taxii.body);
  assert.equal(taxii.body.match(/"type":"indicator"/g)?.length, 2);

  // The gateway itself blocks less from now on, and so does everybody who takes its lists.
  await gateway.ask('indicator', 'allow', 'evil.example');
  const changed = await getHttp(gateway.ports.http ?? 0, '/feeds/firewall.txt');
  assert.equal(changed.body, '192.0.2.66\n');
  const shown = (await gateway.ask('export', 'show', 'firewall')) as {
    readonly rendered: readonly { readonly entries: number; readonly locallyAllowed: number }[];
  };
  assert.deepEqual(
    shown.rendered.map(({ entries, locallyAllowed }) => [entries, locallyAllowed]),
    [[1, 1]],
  );
  await first.close();

  const again = await startGateway(scope, { edges: 1, dataDir });
  const after = await getHttp(again.ports.http ?? 0, '/feeds/firewall.txt');
  assert.deepEqual(after, { status: 200, body: '192.0.2.66\n' });
});
