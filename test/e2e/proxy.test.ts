/** The forward proxy of a whole gateway, seen by a client that sends exactly what the test says. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  chunked,
  echo,
  raw,
  sized,
  slowHead,
  text,
  webSocketEcho,
  withInterim,
} from '../support/behaviours.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { startOrigin } from '../support/origin.ts';
import type { Origin } from '../support/origin.ts';
import { freePort } from '../support/ports.ts';
import { metricsWhen, metricSum, settledMetrics } from '../support/prometheus.ts';
import { openRaw, proxyGet, rawRequest } from '../support/raw-client.ts';
import { openScope } from '../support/scope.ts';

describe('forward proxy', () => {
  const scope = openScope();
  let gateway: Gateway;
  let origin: Origin;
  let host: string;

  before(async () => {
    origin = await startOrigin(scope, {
      '/': text('hello'),
      '/echo': echo,
      '/sized': sized(10),
      '/trailers': chunked(1000, ['X-Checksum: 42']),
      '/hints': withInterim(['103 Early Hints'], text('after hints')),
      '/204': raw('HTTP/1.1 204 No Content\r\nX-Kept: yes\r\n\r\n'),
      '/304': raw('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 5\r\n\r\n'),
      '/slow': slowHead(300, text('slow')),
      '/socket': webSocketEcho,
      '/hop': raw(
        'HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-End: 2\r\nContent-Length: 2\r\n\r\nok',
      ),
      '/bad/two-lengths': raw('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'),
      '/bad/length-and-chunked': raw(
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
      ),
      '/bad/folded': raw('HTTP/1.1 200 OK\r\nX-Long: a\r\n\tb: c\r\nContent-Length : 2\r\n\r\nab'),
      '/bad/no-http': raw('SSH-2.0-OpenSSH_9.2\r\n\r\n', 'end'),
    });
    gateway = await startGateway(scope, {
      edges: 2,
      config: { egress: { allowDestinations: ['127.0.0.0/8'] } },
    });
    host = `127.0.0.1:${origin.port}`;
  });
  after(() => scope.close());

  test('a request goes on in origin form with Via and without fields of the hop', async () => {
    const fields = [
      'Proxy-Connection: keep-alive',
      'Connection: X-Mine',
      'X-Mine: 1',
      'X-End: 2',
      'Proxy-Authorization: Basic eDp5',
    ];
    const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/echo?q=1`, fields));
    assert.equal(answer.status, 200);
    const { head } = origin.requests.at(-1) ?? { head: '' };
    assert.match(head, /^GET \/echo\?q=1 HTTP\/1\.1\r\n/);
    assert.match(head, /\r\nVia: 1\.1 \S+\r\n/i);
    assert.match(head, /\r\nX-End: 2\r\n/);
    assert.doesNotMatch(head, /proxy-connection|x-mine|proxy-authorization/i);
    assert.match(answer.fields.get('via') ?? '', /^1\.1 \S+/);
  });

  test('fields of the hop that the origin names end at the proxy', async () => {
    const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/hop`));
    assert.equal(answer.fields.has('x-hop'), false);
    assert.equal(answer.fields.get('x-end'), '2');
  });

  test('connections are kept on both sides', async () => {
    const client = await openRaw(gateway.proxyPort);
    const connections = new Set<number>();
    for (let i = 0; i < 5; i++) {
      client.send(proxyGet(`${origin.url}/echo?${i}`));
      const answer = await client.response();
      assert.equal(answer.status, 200);
      connections.add(origin.requests.at(-1)?.connection ?? -1);
    }
    assert.equal(client.ended, 'open');
    assert.equal(connections.size, 1, 'the origin saw more than one connection');
    client.socket.destroy();
  });

  test('pipelined requests are answered in their order', async () => {
    const client = await openRaw(gateway.proxyPort);
    client.send(
      proxyGet(`${origin.url}/slow`) + proxyGet(`${origin.url}/sized`) + proxyGet(`${origin.url}/`),
    );
    const bodies = [await client.response(), await client.response(), await client.response()].map(
      ({ body }) => body,
    );
    assert.deepEqual(
      [bodies[0]?.toString(), bodies[1]?.length, bodies[2]?.toString()],
      ['slow', 10, 'hello'],
    );
    client.socket.destroy();
  });

  test('trailers arrive', async () => {
    const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/trailers`, ['TE: trailers']));
    assert.equal(answer.bodyBytes, 1000);
    assert.equal(answer.trailers.get('x-checksum'), '42');
  });

  test('interim answers arrive before the final one, but not at a client of HTTP/1.0', async () => {
    const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/hints`));
    assert.deepEqual([answer.interim, answer.body.toString()], [[103], 'after hints']);
    const old = await rawRequest(gateway.proxyPort, `GET ${origin.url}/hints HTTP/1.0\r\n\r\n`);
    assert.deepEqual([old.interim, old.body.toString()], [[], 'after hints']);
  });

  for (const [path, status] of [
    ['/204', 204],
    ['/304', 304],
  ] as const) {
    test(`${status} has no body and the connection goes on`, async () => {
      const client = await openRaw(gateway.proxyPort);
      client.send(proxyGet(origin.url + path));
      assert.equal((await client.response()).status, status);
      client.send(proxyGet(`${origin.url}/`));
      assert.equal((await client.response()).body.toString(), 'hello');
      client.socket.destroy();
    });
  }

  test('HEAD has the fields of GET and no body', async () => {
    const client = await openRaw(gateway.proxyPort);
    client.send(proxyGet(`${origin.url}/sized`).replace('GET', 'HEAD'));
    const answer = await client.response({ method: 'HEAD' });
    assert.deepEqual([answer.fields.get('content-length'), answer.bodyBytes], ['10', 0]);
    client.send(proxyGet(`${origin.url}/`));
    assert.equal((await client.response()).body.toString(), 'hello');
    client.socket.destroy();
  });

  test('a WebSocket is upgraded and carries frames', async () => {
    const client = await openRaw(gateway.proxyPort);
    const fields = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    client.send(proxyGet(`${origin.url}/socket`, fields));
    const answer = await client.response();
    assert.equal(answer.status, 101);
    assert.equal(answer.fields.get('sec-websocket-accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    client.send(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
    assert.deepEqual([...(await client.bytes(4))], [0x81, 2, 0x68, 0x69]);
    client.socket.destroy();
  });

  for (const path of ['/bad/two-lengths', '/bad/length-and-chunked', '/bad/folded', '/bad/no-http']) {
    test(`an answer with more than one meaning is a 502: ${path}`, async () => {
      const answer = await rawRequest(gateway.proxyPort, proxyGet(origin.url + path));
      assert.equal(answer.status, 502);
      assert.match(answer.fields.get('proxy-status') ?? '', /error=http_protocol_error/);
    });
  }

  test('an upload in chunks with a trailer arrives as it was', async () => {
    const answer = await rawRequest(
      gateway.proxyPort,
      `POST ${origin.url}/echo HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n`,
    );
    assert.equal(answer.status, 200);
    const { body, bodyBytes } = origin.requests.at(-1) ?? {};
    assert.deepEqual([body?.toString(), bodyBytes], ['abcde', 5]);
  });

  test('a CONNECT to a port that is none of TLS is refused', async () => {
    const answer = await rawRequest(gateway.proxyPort, `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.equal(answer.status, 403);
    assert.match(answer.fields.get('proxy-status') ?? '', /error=/);
  });

  test('a port where nobody listens is a 502, and the connection goes on', async () => {
    const client = await openRaw(gateway.proxyPort);
    client.send(proxyGet(`http://127.0.0.1:${await freePort()}/`));
    const answer = await client.response();
    assert.equal(answer.status, 502);
    assert.match(answer.fields.get('proxy-status') ?? '', /error=connection_refused/);
    client.send(proxyGet(`${origin.url}/`));
    assert.equal((await client.response()).body.toString(), 'hello');
    client.socket.destroy();
  });

  test('a request through the gateway to itself is refused', async () => {
    const answer = await rawRequest(
      gateway.proxyPort,
      proxyGet(`http://127.0.0.1:${gateway.ports.http}/healthz`),
    );
    assert.equal(answer.status, 403);
    assert.match(answer.fields.get('proxy-status') ?? '', /error=destination_ip_prohibited/);
  });

  test('every exchange is in the access log and in the metrics', async () => {
    const marker = `/echo?marker=${process.pid}`;
    const forwarded = (metrics: string): number =>
      metricSum(metrics, 'sallyport_forward_proxy_requests_total', { result: 'forwarded' });
    const before_ = forwarded(await settledMetrics(gateway));
    await rawRequest(gateway.proxyPort, proxyGet(origin.url + marker));
    const after_ = forwarded(await metricsWhen(gateway, (metrics) => forwarded(metrics) > before_));
    assert.equal(after_ - before_, 1);
    let log = '';
    for (let i = 0; i < 600 && !log.includes(marker); i++) {
      await sleep(50);
      log = await gateway.accessLog();
    }
    const line = log.split('\n').find((text_) => text_.includes(marker)) ?? '';
    assert.match(line, /"status":200/);
    assert.match(line, /"method":"GET"/);
  });
});
