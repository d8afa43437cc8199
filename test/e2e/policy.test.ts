import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGateway, type Gateway } from '../support/gateway.ts';
import { IcapClient, type Question } from '../support/icap-client.ts';
import { scopeOf, tempDir, type Scope } from '../support/scope.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const CHANGES = 30;
const CLIENTS = 6;
const ICAP_CLIENTS = 3;

const OPEN = { config: { egress: { allowDestinations: ['127.0.0.0/8'] } }, edges: 2 };

function policyWith(...rules: readonly string[]): string {
  return `version: 1\nrules:\n${rules.map((rule) => `  - ${rule}\n`).join('')}default: allow\n`;
}

async function openOrigin(scope: Scope): Promise<number> {
  const server = createServer((_, response) => response.end('hello'));
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

interface Got {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}

function get(proxyPort: number, url: string, agent: Agent | false): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: proxyPort, path: url, agent, headers: { Host: new URL(url).host } },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => void (body += text));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body, location: response.headers.location }),
        );
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

async function tokenOf(gateway: Gateway): Promise<string> {
  const made = await gateway.ask('token', 'create', '--name', 'policy', '--scope', 'admin');
  assert.ok(typeof made === 'object' && made !== null && 'token' in made);
  return String(made.token);
}

interface Applied {
  readonly version: string;
  readonly tookMs: number;
  readonly edges: readonly { readonly pid: number; readonly version: string }[];
}

/** One change through the API. */
function post(gateway: Gateway, token: string, path: string, body: object): Promise<unknown> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = requestTls(
      {
        host: '127.0.0.1',
        port: gateway.ports.https,
        path,
        method: 'POST',
        headers: {
          Authorization: `Bearer ${token}`,
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(text),
        },
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk: string) => void (answer += chunk));
        response.on('end', () =>
          response.statusCode === 200 ? resolve(JSON.parse(answer)) : reject(new Error(answer)),
        );
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}

function reqmod(url: string): Question {
  const head = `GET ${url} HTTP/1.1\nHost: ${new URL(url).host}`;
  return { method: 'REQMOD', service: '/reqmod', request: head, allow: ['204'] };
}

test('thirty changes under load: no request fails on 8080 or on ICAP, and each is in force in every edge when it is answered', async (t) => {
  const scope = scopeOf(t);
  const origin = await openOrigin(scope);
  const gateway = await startGateway(scope, OPEN);
  const token = await tokenOf(gateway);
  const base = `http://127.0.0.1:${origin}`;
  let over = false;
  let answered = 0;
  let answeredByIcap = 0;
  t.after(() => void (over = true));
  const failures: string[] = [];
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!over) {
      try {
        const { status, body } = await get(gateway.proxyPort, `${base}/ok?client=${client}`, agent);
        answered++;
        if (status !== 200 || body !== 'hello') failures.push(`${status} ${body.slice(0, 80)}`);
      } catch (error) {
        failures.push(String(error));
      }
    }
    agent.destroy();
  });
  const icapClients = Array.from({ length: ICAP_CLIENTS }, async () => {
    const client = await IcapClient.open(gateway.ports.icap!);
    while (!over) {
      try {
        const { status } = await client.ask(reqmod(`${base}/ok`));
        answeredByIcap++;
        if (status !== 204) failures.push(`ICAP ${status}`);
      } catch (error) {
        failures.push(`ICAP ${String(error)}`);
        break;
      }
    }
    client.close();
  });
  const times: number[] = [];
  for (let change = 1; change <= CHANGES; change++) {
    const rule = `{ name: flip-${change}, when: { url: "127.0.0.1/flip/${change}" }, then: block }`;
    const applied = (await post(gateway, token, '/api/v1/policies', { text: policyWith(rule) })) as Applied;
    times.push(applied.tookMs);
    assert.deepEqual(
      applied.edges.map(({ version }) => version),
      [applied.version, applied.version],
      'both edges say that they have it',
    );
    // New connections are given to either edge.
    for (let asked = 0; asked < 4; asked++) {
      const now = await get(gateway.proxyPort, `${base}/flip/${change}`, false);
      assert.equal(now.status, 403);
      assert.match(now.body, new RegExp(`rule +flip-${change}\\b`));
      assert.equal((await get(gateway.proxyPort, `${base}/flip/${change - 1}`, false)).status, 200);
    }
    for (let asked = 0; asked < 2; asked++) {
      const client = await IcapClient.open(gateway.ports.icap!);
      assert.match((await client.ask(reqmod(`${base}/flip/${change}`))).response, /^HTTP\/1\.1 403 /);
      assert.equal((await client.ask(reqmod(`${base}/flip/${change - 1}`))).status, 204);
      client.close();
    }
  }
  over = true;
  await Promise.all([...clients, ...icapClients]);
  assert.deepEqual(failures, []);
  assert.ok(answered > CHANGES && answeredByIcap > CHANGES, `${answered} and ${answeredByIcap} meanwhile`);
  const sorted = times.toSorted((a, b) => a - b);
  t.diagnostic(
    `in force after ${sorted[CHANGES >> 1]} ms (median), ${sorted.at(-1)} ms (slowest); ${answered} requests on 8080 and ${answeredByIcap} on ICAP meanwhile`,
  );
});

test('a policy that nobody confirms takes itself back, also when control was killed meanwhile', async (t) => {
  const scope = scopeOf(t);
  const origin = await openOrigin(scope);
  const gateway = await startGateway(scope, OPEN);
  const url = `http://127.0.0.1:${origin}/a`;
  const file = join(await tempDir(scope), 'policy.yaml');
  await writeFile(file, policyWith('{ name: closed, when: { host: 127.0.0.1 }, then: block }'));
  await gateway.ask('policy', 'apply', file, '--confirm-within', '10s');
  assert.equal((await get(gateway.proxyPort, url, false)).status, 403);
  const status = (await gateway.ask('status')) as { processes: readonly { role: string; pid: number }[] };
  const control = status.processes.find(({ role }) => role === 'control');
  assert.ok(control !== undefined);
  process.kill(control.pid, 'SIGKILL');
  const until = performance.now() + 30_000;
  while ((await get(gateway.proxyPort, url, false)).status === 403 && performance.now() < until)
    await sleep(200);
  assert.equal((await get(gateway.proxyPort, url, false)).status, 200, 'the policy before is back');
  const shown = (await gateway.ask('policy', 'show')) as { isDefault: boolean; confirmUntil: unknown };
  assert.deepEqual([shown.isDefault, shown.confirmUntil], [true, null]);
  const versions = (await gateway.ask('policy', 'versions')) as readonly { author: string }[];
  assert.deepEqual(
    versions.map(({ author }) => author),
    ['commit-confirm', 'local'],
  );

  await gateway.ask('policy', 'apply', file, '--confirm-within', '10s');
  await gateway.ask('policy', 'confirm');
  await sleep(10_500);
  assert.equal((await get(gateway.proxyPort, url, false)).status, 403, 'what was confirmed stays');
});

/** Bits are altered that count: the last ones of base64 may say nothing. */
function forgedOf(link: string): string {
  return link.slice(0, -8) + (link.at(-8) === 'A' ? 'B' : 'A') + link.slice(-7);
}

test('a warning is gone past once, and every edge remembers it', async (t) => {
  const scope = scopeOf(t);
  const origin = await openOrigin(scope);
  const gateway = await startGateway(scope, OPEN);
  const token = await tokenOf(gateway);
  const rule = '{ name: careful, when: { url: 127.0.0.1/games }, then: warn }';
  await post(gateway, token, '/api/v1/policies', { text: policyWith(rule) });
  const url = `http://127.0.0.1:${origin}/games/1?level=2`;
  const page = await get(gateway.proxyPort, url, false);
  assert.equal(page.status, 403);
  const link = /(\/\.sallyport\/continue\?t=[\w.-]+)/.exec(page.body)?.[1];
  assert.ok(link !== undefined, page.body);
  const forged = await get(gateway.proxyPort, `http://127.0.0.1:${origin}${forgedOf(link)}`, false);
  assert.notEqual(forged.status, 303, 'a seal that is not ours opens nothing');
  assert.equal((await get(gateway.proxyPort, url, false)).status, 403);
  const on = await get(gateway.proxyPort, `http://127.0.0.1:${origin}${link}`, false);
  assert.deepEqual([on.status, on.location], [303, url]);
  for (let asked = 0; asked < 6; asked++) {
    assert.equal((await get(gateway.proxyPort, url, false)).status, 200);
  }
  const explained = (await gateway.ask('explain', 'url', url)) as { decision: string; reasons: string[] };
  assert.deepEqual([explained.decision, explained.reasons[0]], ['allow', 'warning-read']);
});
