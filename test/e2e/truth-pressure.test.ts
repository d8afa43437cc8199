/** Slow, silent and vanishing ends: memory is bounded, and each end learns what the other did. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { echo, raw, sized, slowBody, slowHead, text } from '../support/behaviours.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { startOrigin } from '../support/origin.ts';
import type { Origin } from '../support/origin.ts';
import { PatternCheck, patternBytes } from '../support/pattern.ts';
import { processTree, rssBytes } from '../support/process-tree.ts';
import { openRaw, proxyGet } from '../support/raw-client.ts';
import { openScope } from '../support/scope.ts';
import { startTcpServer } from '../support/tcp-server.ts';
import type { TcpServer } from '../support/tcp-server.ts';

const MIB = 1024 * 1024;
const BODY = 48 * MIB;
const GROWTH_MAX = 32 * MIB;

describe('pressure and ends', () => {
  const scope = openScope();
  let gateway: Gateway;
  let origin: Origin;
  /** Says everything back, and FIN for FIN. */
  let echoServer: TcpServer;
  /** Reads nothing. */
  let deafServer: TcpServer;

  before(async () => {
    origin = await startOrigin(scope, {
      '/body': sized(BODY),
      '/slow': slowBody(100, 1000, 100),
      '/late': slowHead(5000, text('late')),
      '/silent': raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'),
      '/echo': echo,
    });
    echoServer = await startTcpServer(scope, (socket) => socket.pipe(socket));
    deafServer = await startTcpServer(scope, (socket) => socket.pause());
    gateway = await startGateway(scope, {
      config: {
        egress: { allowDestinations: ['127.0.0.0/8'] },
        forwardProxy: { connectPorts: [echoServer.port, deafServer.port] },
      },
    });
  });
  after(() => scope.close());

  async function openTunnel(port: number) {
    const client = await openRaw(gateway.proxyPort);
    client.send(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    const answer = await client.response({ method: 'CONNECT' });
    assert.equal(answer.status, 200);
    return client;
  }

  test('a client that reads nothing stops the origin and fills no memory', async () => {
    const pids = processTree(gateway.child.pid);
    const before_ = pids.map((pid) => rssBytes(pid));
    const client = await openRaw(gateway.proxyPort);
    client.socket.pause();
    client.send(proxyGet(`${origin.url}/body`));
    await sleep(1500);
    const growth = Math.max(...pids.map((pid, at) => rssBytes(pid) - (before_[at] ?? 0)));
    assert.ok(growth < GROWTH_MAX, `a process grew by ${Math.round(growth / MIB)} MiB`);
    // What has stopped goes on, whole.
    client.socket.resume();
    const check = new PatternCheck();
    const answer = await client.response({ onBody: (part) => check.take(part) });
    assert.equal(answer.complete, true);
    assert.deepEqual([check.bytes, check.wrongAt], [BODY, undefined]);
  });

  test('a destination that reads nothing stops the client of a tunnel and fills no memory', async () => {
    const pids = processTree(gateway.child.pid);
    const before_ = pids.map((pid) => rssBytes(pid));
    const client = await openTunnel(deafServer.port);
    let taken = 0;
    const block = patternBytes(0, MIB);
    const pour = (async () => {
      while (taken < BODY && !client.socket.destroyed) {
        await client.sendSlowly(block);
        if (!client.socket.destroyed) taken += MIB;
      }
    })();
    await sleep(1500);
    const growth = Math.max(...pids.map((pid, at) => rssBytes(pid) - (before_[at] ?? 0)));
    const stoppedAt = taken;
    client.socket.destroy();
    await pour;
    assert.ok(stoppedAt < BODY, 'the proxy took everything although nobody reads it');
    assert.ok(growth < GROWTH_MAX, `a process grew by ${Math.round(growth / MIB)} MiB`);
  });

  test('a tunnel carries the end of one direction alone', async () => {
    const client = await openTunnel(echoServer.port);
    const sent = patternBytes(0, 300_000);
    client.socket.end(sent);
    const back = await client.rest();
    assert.equal(client.ended, 'clean');
    assert.ok(back.equals(sent), `${back.length} bytes came back`);
  });

  test('a destination that resets a tunnel resets it for the client', async () => {
    const client = await openTunnel(echoServer.port);
    client.send('x');
    await client.bytes(1);
    const socket = [...echoServer.sockets].at(-1);
    assert.ok(socket !== undefined);
    socket.resetAndDestroy();
    assert.equal(await client.closed(), 'reset');
  });

  test('bytes that follow CONNECT at once arrive', async () => {
    const client = await openRaw(gateway.proxyPort);
    const host = `127.0.0.1:${echoServer.port}`;
    client.send(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\nat once`);
    const answer = await client.response({ method: 'CONNECT' });
    assert.equal(answer.status, 200);
    assert.equal((await client.bytes(7)).toString(), 'at once');
    client.socket.destroy();
  });

  for (const path of ['/late', '/slow', '/silent']) {
    test(`a client that goes away takes the request to the origin along: ${path}`, async () => {
      const number = origin.connections.length;
      const client = await openRaw(gateway.proxyPort);
      client.send(proxyGet(`${origin.url}${path}`));
      while (!origin.requests.some(({ target }) => target === path)) await sleep(10);
      client.socket.resetAndDestroy();
      const connection = origin.requests.findLast(({ target }) => target === path)?.connection ?? number;
      await origin.ended(connection);
    });
  }

  test('a client that goes away in its upload: the origin gets no complete request', async () => {
    const before_ = origin.requests.length;
    const client = await openRaw(gateway.proxyPort);
    client.send(
      `POST ${origin.url}/echo HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\nContent-Length: 100000\r\n\r\n`,
    );
    client.send(patternBytes(0, 50_000));
    const halves = (): readonly number[] =>
      origin.connections.flatMap(({ raw: bytes }, number) => (bytes.includes('POST') ? [number] : []));
    while (halves().length === 0) await sleep(10);
    client.socket.resetAndDestroy();
    for (const number of halves()) await origin.ended(number);
    assert.equal(origin.requests.length, before_);
  });
});
