import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { failureOf } from '../../../test/support/failure.ts';
import { body, feedLab, feedServer, IO, plainServer } from '../../../test/support/feed-lab.ts';
import { scopeOf } from '../../../test/support/scope.ts';

test('a feed goes through a proxy of its own, which gets its own password and no other', async (t) => {
  const scope = scopeOf(t);
  const server = await feedServer(scope, body('bad.example\n'));
  const proxy = await plainServer(scope, (_request, response) => void response.writeHead(405).end());
  const asked: [target: string, authorization: string | undefined, all: string][] = [];
  proxy.server.on('connect', (request, socket: Socket) => {
    const authorization = request.headers['proxy-authorization'];
    asked.push([request.url ?? '', authorization, JSON.stringify(request.headers)]);
    if (authorization !== `Basic ${Buffer.from('gw:pass:word').toString('base64')}`) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const onward = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [onward, socket]) one.on('error', () => socket.destroy());
    scope.after(() => void onward.destroy());
  });
  const lab = await feedLab(scope);
  const entry = {
    url: `${server.url}/list`,
    caFile: server.tls.caFile,
    auth: 'bearer',
    parent: proxy.url,
    parentUser: 'gw',
  };
  await lab.feeds.add('bad', entry, { secret: 'origin-secret', parentSecret: 'pass:word' }, 'tester');
  assert.equal((await lab.feeds.sync('bad', false, IO)).entries, 1);
  assert.deepEqual(
    asked.map(([target]) => target),
    [`localhost:${server.port}`],
  );
  assert.ok(!asked[0]![2].includes('origin-secret'));
  assert.equal(server.requests[0]?.headers.authorization, 'Bearer origin-secret');
  assert.equal(server.requests[0].headers['proxy-authorization'], undefined);

  await lab.feeds.edit('bad', {}, { parentSecret: 'wrong' }, 'tester');
  const failure = await failureOf(lab.feeds.sync('bad', true, IO));
  assert.equal(failure.code, 'FEEDS_CONNECT');
  assert.match(failure.message, /does not accept our credentials \(407\)/);
  const direct = { parent: 'direct', parentUser: undefined };
  await lab.feeds.edit('bad', direct, {}, 'tester');
  assert.equal((await lab.feeds.sync('bad', true, IO)).entries, 1);
  assert.equal(asked.length, 2);
});
