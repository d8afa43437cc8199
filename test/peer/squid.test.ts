/** Squid behind us as parent proxy, and in front of us as child. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { echo, text } from '../support/behaviours.ts';
import { startGateway } from '../support/gateway.ts';
import { startOrigin } from '../support/origin.ts';
import { missingPeer } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { openRaw, proxyGet, rawRequest } from '../support/raw-client.ts';
import { scopeOf, tempDir } from '../support/scope.ts';
import type { Scope } from '../support/scope.ts';
import { startSquid } from '../support/squid.ts';
import { startTcpServer } from '../support/tcp-server.ts';

const LOGIN = 'gateway:s3cret-word';

describe('Squid', { skip: missingPeer('squid') }, () => {
  test('as parent with Basic authentication: absolute-form and CONNECT', async (context) => {
    const t = scopeOf(context);
    const origin = await startOrigin(t, { '/echo': echo });
    const tcp = await startTcpServer(t, (socket) => socket.pipe(socket));
    const squid = await startSquid(t, { login: LOGIN });
    const gateway = await withParents(t, [{ port: squid.port, login: LOGIN }], tcp.port);
    const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/echo`));
    assert.equal(answer.status, 200, answer.body.toString());
    const via = origin.requests[0]?.fields.all('via').join(', ') ?? '';
    assert.match(via, /squid\.example\.test/, 'the request did not pass the parent');
    assert.equal(origin.requests[0]?.fields.has('proxy-authorization'), false);

    const client = await openRaw(gateway.proxyPort);
    client.send(`CONNECT 127.0.0.1:${tcp.port} HTTP/1.1\r\nHost: 127.0.0.1:${tcp.port}\r\n\r\n`);
    assert.equal((await client.response({ method: 'CONNECT' })).status, 200);
    client.send('through both');
    assert.equal((await client.bytes(12)).toString(), 'through both');
    client.socket.destroy();
    const log = await eventually(squid.accessLog, (text_) => text_.includes('CONNECT'));
    assert.match(log, /TCP_TUNNEL\/200 \d+ CONNECT 127\.0\.0\.1:\d+ gateway /);
    assert.match(log, /TCP_MISS\/200 \d+ GET http:\/\/127\.0\.0\.1:\d+\/echo gateway /);
  });

  test('as parent that does not take our password: the client learns that it is the gateway that failed', async (context) => {
    const t = scopeOf(context);
    const origin = await startOrigin(t, { '/': text('hello') });
    const squid = await startSquid(t, { login: LOGIN });
    const gateway = await withParents(t, [{ port: squid.port, login: 'gateway:wrong' }], 443);
    const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/`));
    // RFC 9110 §11.7.1: the 407 of the parent is for us; handed on, the client would send its password.
    assert.equal(answer.status, 502, answer.head);
    assert.equal(answer.fields.has('proxy-authenticate'), false);
    assert.equal(origin.requests.length, 0);
  });

  test('a parent that is dead: the next one is taken, and health says so', async (context) => {
    const t = scopeOf(context);
    const origin = await startOrigin(t, { '/': text('hello') });
    const squid = await startSquid(t);
    const dead = await freePort();
    const gateway = await withParents(t, [{ port: dead }, { port: squid.port }], 443);
    for (let i = 0; i < 3; i++) {
      const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/`));
      assert.equal(answer.body.toString(), 'hello', answer.head);
    }
    assert.match(origin.requests[0]?.fields.all('via').join() ?? '', /squid/);
    const health = JSON.stringify(await gateway.ask('show', 'health'));
    assert.match(health, new RegExp(`degraded[^]*127\\.0\\.0\\.1:${dead}`), health);
  });

  test('a parent dies while it is used', async (context) => {
    const t = scopeOf(context);
    const origin = await startOrigin(t, { '/': text('hello') });
    const first = await startSquid(t);
    const second = await startSquid(t);
    const gateway = await withParents(t, [{ port: first.port }, { port: second.port }], 443);
    assert.equal((await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/`))).status, 200);
    await first.child.stop();
    assert.equal((await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/`))).status, 200);
    const log = await eventually(second.accessLog, (text_) => text_ !== '');
    assert.match(log, /\/200 /);
  });

  test('all parents are dead: 502 or 503, and nothing goes straight to the origin', async (context) => {
    const t = scopeOf(context);
    const origin = await startOrigin(t, { '/': text('hello') });
    const gateway = await withParents(t, [{ port: await freePort() }], 443);
    const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/`));
    assert.ok([502, 503].includes(answer.status), answer.head);
    assert.match(answer.fields.get('proxy-status') ?? '', /error=/);
    assert.equal(origin.connections.length, 0);
  });

  test('as child: it asks us for everything', async (context) => {
    const t = scopeOf(context);
    const origin = await startOrigin(t, { '/echo': echo });
    const gateway = await withParents(t, [], 443);
    const squid = await startSquid(t, { parent: `127.0.0.1:${gateway.proxyPort}` });
    for (let i = 0; i < 3; i++) {
      const answer = await rawRequest(squid.port, proxyGet(`${origin.url}/echo?${i}`));
      assert.equal(answer.status, 200, answer.head);
    }
    const vias = origin.requests.map(({ fields }) => fields.all('via').join(', '));
    assert.equal(vias.length, 3);
    for (const via of vias) assert.match(via, /squid\.example\.test[^,]*, 1\.1 \S+$/);
  });

  test('two proxies that name each other: 508 instead of a storm', async (context) => {
    const t = scopeOf(context);
    const origin = await startOrigin(t, { '/': text('hello') });
    const gatewayPort = await freePort();
    const squid = await startSquid(t, { parent: `127.0.0.1:${gatewayPort}` });
    const gateway = await withParents(t, [{ port: squid.port }], 443, gatewayPort);
    const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/`));
    assert.ok([508, 502, 403].includes(answer.status), answer.head);
    assert.equal(origin.connections.length, 0);
    const log = await eventually(gateway.accessLog, (text_) => text_ !== '');
    assert.ok(log.split('\n').length < 10, 'the request went round more than once');
  });
});

interface Parent {
  readonly port: number;
  readonly login?: string;
}

async function withParents(t: Scope, parents: readonly Parent[], connectPort: number, port = 0) {
  const dir = await tempDir(t);
  const listed = [];
  for (const [at, parent] of parents.entries()) {
    const [user, password] = parent.login?.split(':') ?? [];
    const passwordFile = join(dir, `password-${at}`);
    if (password !== undefined) await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    const login = user === undefined ? {} : { user, passwordFile };
    listed.push({ host: '127.0.0.1', port: parent.port, ...login });
  }
  return startGateway(t, {
    config: {
      listeners: { forwardProxy: { port } },
      egress: { allowDestinations: ['127.0.0.0/8'], parents: listed, connect: '2s' },
      forwardProxy: { connectPorts: [connectPort] },
    },
  });
}

/** Squid writes its log late. */
async function eventually(read: () => Promise<string>, isThere: (text_: string) => boolean): Promise<string> {
  for (let i = 0; i < 300; i++) {
    const text_ = await read();
    if (isThere(text_)) return text_;
    await sleep(100);
  }
  return read();
}
