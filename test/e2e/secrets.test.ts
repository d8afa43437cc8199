/** Passwords, tokens and keys in URLs pass the gateway and stay nowhere in it. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGateway } from '../support/gateway.ts';
import { IcapClient } from '../support/icap-client.ts';
import { freePort } from '../support/ports.ts';
import { rawRequest } from '../support/raw-client.ts';
import { type Scope, scopeOf, tempDir } from '../support/scope.ts';

const SECRET = 'S3CR3T0f4lice';
/** A parameter that only this operator knows is one more. */
const CONFIG = {
  egress: { allowDestinations: ['127.0.0.0/8'] },
  events: { allows: 'full' },
  log: { level: 'debug', redactQuery: ['default', 'tan'] },
};
const RULES = `version: 1
lists: { warned: { urls: ["127.0.0.1/warned"] }, games: { urls: ["127.0.0.1/games"] } }
rules:
  - { name: all, then: { log: full } }
  - { name: watched, when: { url: $games }, then: monitor }
  - { name: careful, when: { url: $warned }, then: warn }
  - { name: no-games, when: { url: $games }, then: block }
default: allow
`;
const QUERIES = [
  `a=1&token=${SECRET}&b=2`,
  `access_token=${SECRET}`,
  `user[password]=${SECRET}`,
  `X-Amz-Signature=${SECRET}`,
  `tan=${SECRET}`,
  `to=${encodeURIComponent(`https://u:${SECRET}@idp.example/cb?code=${SECRET}&state=1`)}`,
];

async function openOrigin(scope: Scope): Promise<{ readonly port: number; readonly seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

/** Every file below a folder that holds the text, in any of the forms in which it could be written down. */
async function filesWith(dir: string, text: string): Promise<readonly string[]> {
  const forms = [text, Buffer.from(text).toString('base64').slice(0, -2), Buffer.from(text).toString('hex')];
  const found: string[] = [];
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (forms.some((form) => bytes.includes(form))) found.push(path);
  }
  return found;
}

test('secrets in URLs go to the origin and into no file of the gateway, no page and no log', async (t) => {
  const scope = scopeOf(t);
  const gateway = await startGateway(scope, { config: CONFIG });
  const origin = await openOrigin(scope);
  const file = join(await tempDir(scope), 'policy.yaml');
  await writeFile(file, RULES);
  await gateway.ask('policy', 'apply', file);
  for (const format of ['json', 'cef', 'leef']) {
    const url = `file://${gateway.dataDir}/log/siem.${format}`;
    const types = ['--type', 'decision.'];
    await gateway.ask('log', 'target', 'add', format, '--url', url, '--format', format, ...types);
  }
  const closed = await freePort();
  const site = `http://127.0.0.1:${origin.port}`;
  const icap = await IcapClient.open(gateway.ports.icap!);
  scope.after(() => icap.close());

  const pages: string[] = [];
  let asked = 0;
  for (const query of QUERIES) {
    for (const base of [
      `${site}/plain`,
      `${site}/games`,
      `${site}/warned`,
      `http://127.0.0.1:${closed}/gone`,
    ]) {
      const url = `${base}?${query}`;
      const head = [
        `GET ${url} HTTP/1.1`,
        `Host: ${new URL(base).host}`,
        'Accept: text/html',
        `Referer: ${url}`,
        'Connection: close',
        '',
        '',
      ].join('\r\n');
      const answer = await rawRequest(gateway.proxyPort, head);
      pages.push(answer.body.toString());
      const request = `GET ${url} HTTP/1.1\r\nHost: ${new URL(base).host}\r\nReferer: ${url}`;
      const judged = await icap.ask({ method: 'REQMOD', service: '/reqmod', request, allow: ['204'] });
      pages.push(judged.body.toString());
      asked += 2;
    }
    const looked = encodeURIComponent(`http://listed.example/?${query}`);
    await rawRequest(
      gateway.ports.webReputation!,
      `GET /v1/url?url=${looked} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n`,
    );
    asked++;
    await gateway.ask('explain', 'url', `${site}/games?${query}`);
  }
  const withUser = `GET http://alice:${SECRET}@127.0.0.1:${origin.port}/plain HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\nConnection: close\r\n\r\n`;
  pages.push((await rawRequest(gateway.proxyPort, withUser)).body.toString());

  const shown = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;
  const read = async (name: string): Promise<string> =>
    readFile(join(gateway.dataDir, 'log', name), 'utf8').catch(() => '');
  for (let tries = 0; tries < 300; tries++) {
    const [all = 0, ...targets] = await Promise.all(
      ['access.log', 'siem.json', 'siem.cef', 'siem.leef'].map(async (name) =>
        shown(await read(name), /\n/g),
      ),
    );
    if (all > asked && targets.every((lines) => lines >= asked / 2)) break;
    await sleep(100);
  }
  assert.ok(
    origin.seen.filter((url) => url.includes(SECRET)).length >= QUERIES.length,
    'the origin gets what it is sent',
  );
  assert.equal(
    pages.findIndex((page) => page.includes(SECRET)),
    -1,
    'no page shows it',
  );
  for (const name of ['access.log', 'siem.json', 'siem.cef', 'siem.leef']) {
    const text = await read(name);
    assert.ok(shown(text, /token\\?=\[secret\]/g) >= 3, `${name} says that something was there`);
    assert.ok(!text.includes(SECRET), name);
  }
  const events = JSON.stringify(await gateway.ask('show', 'events', '--limit', '200'));
  assert.match(events, /tan=\[secret\]/);
  assert.ok(!events.includes(SECRET));
  assert.ok(!gateway.child.stderr().includes(SECRET), 'nor does the application log');
  assert.deepEqual(await filesWith(gateway.dataDir, SECRET), []);
});
