/** One rule file, and every door: the same request has the same answer, for the same reason. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChild } from '../support/child.ts';
import { getHttps, startGateway, type Gateway } from '../support/gateway.ts';
import { EICAR, IcapClient, page } from '../support/icap-client.ts';
import { type Scope, scopeOf, tempDir } from '../support/scope.ts';

const RULES = `version: 1
lists: { games: { urls: ["127.0.0.1/games/", "*.play.test/"] } }
rules:
  - { name: quiet, then: { log: full } }
  - { name: no-games, when: { url: $games, method: [GET, POST] }, then: { block: { title: No games, text: Not at work. } } }
  - { name: no-viruses, when: { file-verdict: malicious }, then: block }
default: allow
`;

interface Line {
  readonly door: string;
  readonly url: string;
  readonly decision: string;
  readonly rule: string;
  readonly reason: string;
  readonly status: number;
}

test('one rule file: 8080, REQMOD and explain deny the same request by the same rule and reason', async (t) => {
  const scope = scopeOf(t);
  const gateway = await startGateway(scope, { config: { egress: { allowDestinations: ['127.0.0.0/8'] } } });
  const origin = await openOrigin(scope);
  const file = join(await tempDir(scope), 'policy.yaml');
  await writeFile(file, RULES);
  await gateway.ask('policy', 'apply', file);
  const url = `http://127.0.0.1:${origin}/games/1?level=2`;
  const ok = `http://127.0.0.1:${origin}/work`;
  const virus = `http://127.0.0.1:${origin}/virus`;

  const proxied = await curl(scope, gateway, url);
  assert.match(proxied, /403 No games\n\nNot at work\.\n/);
  assert.match(proxied, /rule +no-games\n/);
  assert.equal(await curl(scope, gateway, ok), 'hello');
  assert.match(await curl(scope, gateway, virus), /rule +no-viruses\n/);

  const icap = await IcapClient.open(gateway.ports.icap!);
  scope.after(() => icap.close());
  const requestOf = (of: string) => `GET ${of} HTTP/1.1\nHost: ${new URL(of).host}\nAccept: text/plain`;
  const reqmod = (of: string) =>
    icap.ask({ method: 'REQMOD', service: '/reqmod', request: requestOf(of), allow: ['204'] });
  const denied = await reqmod(url);
  assert.match(denied.response, /^HTTP\/1\.1 403 Forbidden\r\n/);
  assert.match(denied.body.toString(), /rule +no-games\n/);
  assert.equal((await reqmod(ok)).status, 204);
  const bad = await icap.ask(page(EICAR, { request: requestOf(virus) }));
  assert.match(bad.body.toString(), /rule +no-viruses\n/);

  const lines = await logLines(gateway, 6);
  const said = ({ decision, rule, reason }: Line) => ({ decision, rule, reason });
  const byDoor = (of: string) =>
    Object.fromEntries(lines.filter((line) => line.url === of).map((line) => [line.door, said(line)]));
  const expected = { decision: 'block', rule: 'no-games', reason: 'policy-rule' };
  assert.deepEqual(byDoor(url), { 'forward-proxy': expected, icap: expected });
  const found = { decision: 'block', rule: 'no-viruses', reason: 'policy-rule' };
  assert.deepEqual(byDoor(virus), { 'forward-proxy': found, icap: found });

  interface Explained {
    readonly decision: string;
    readonly rule: string;
    readonly reasons: readonly string[];
    readonly needs: readonly string[];
    readonly tried: readonly { readonly rule: string; readonly line?: number }[];
  }
  const { token } = (await gateway.ask('token', 'create', '--name', 'doors', '--scope', 'read')) as {
    readonly token: string;
  };
  for (const door of ['forward-proxy', 'icap']) {
    const byCommand = (await gateway.ask('explain', 'url', url, '--door', door)) as Explained;
    const query = new URLSearchParams({ url, door });
    const answer = await getHttps(gateway.ports.https!, `/api/v1/explain?${query.toString()}`, {
      Authorization: `Bearer ${token}`,
    });
    const byApi = JSON.parse(answer.body) as Explained;
    for (const { decision, rule, reasons, tried } of [byCommand, byApi]) {
      assert.deepEqual({ decision, rule, reason: reasons[0] }, expected, door);
      assert.equal(tried.at(-1)?.line, 5, 'where it stands in the file');
    }
    const open = (await gateway.ask('explain', 'url', virus, '--door', door)) as Explained;
    assert.ok(open.needs.includes('file-verdict'), 'provisional until the body was looked at');
  }
});

async function openOrigin(scope: Scope): Promise<number> {
  const server = createServer(({ url }, response) => response.end(url === '/virus' ? EICAR : 'hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

/** What curl shows. */
async function curl(scope: Scope, gateway: Gateway, url: string): Promise<string> {
  const proxy = `http://127.0.0.1:${gateway.proxyPort}`;
  const { stdout } = await runChild(scope, 'curl', [
    '-sS',
    '--noproxy',
    '',
    '-x',
    proxy,
    '-H',
    'Accept: text/plain',
    url,
  ]);
  return stdout;
}

/** The log is written in blocks. */
async function logLines(gateway: Gateway, count: number): Promise<readonly Line[]> {
  for (let turn = 0; ; turn++) {
    const lines = (await gateway.accessLog()).split('\n').filter((line) => line !== '');
    if (lines.length >= count || turn > 100) return lines.map((line) => JSON.parse(line) as Line);
    await sleep(100);
  }
}
