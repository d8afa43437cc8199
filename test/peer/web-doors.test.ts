import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { runChild } from '../support/child.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { tempDir } from '../support/scope.ts';
import { openApi, openWebReputation } from '../support/web-doors.ts';
import { listenFor } from '../support/web-listener.ts';

test(
  'curl keeps its connection, sends a body after 100, and asks with HEAD and HTTP/1.0',
  { skip: missingPeer('curl') },
  async (t) => {
    const door = await openWebReputation();
    const base = `http://127.0.0.1:${await listenFor(t, door, 'webReputation')}`;
    const url = `${base}/v1/url?url=evil.example`;
    const curl = async (...words: readonly string[]) =>
      (await runChild(t, peerPath('curl'), ['-sS', '--max-time', '60', ...words])).stdout;

    const kept = await curl(
      '-w',
      '%{num_connects} %{http_code}\n',
      '-o',
      '/dev/null',
      url,
      '-o',
      '/dev/null',
      url,
    );
    assert.equal(kept, '1 200\n0 200\n');
    assert.match(await curl('-I', url), /^HTTP\/1\.1 200 OK\r\n[^]*Content-Length: \d+\r\n/);
    assert.match(await curl('-0', url), /^\{"url":"evil\.example","verdict":"malicious"/);
    const waited = await curl(
      '-H',
      'Expect: 100-continue',
      '-d',
      'x',
      '-w',
      ' %{http_code}',
      '-v',
      '--stderr',
      '-',
      url,
    );
    assert.match(waited, /< HTTP\/1\.1 100 Continue[^]*< HTTP\/1\.1 405 Method Not Allowed[^]* 405$/);
    const chunked = await curl('-H', 'Transfer-Encoding: chunked', '-d', 'x', '-w', ' %{http_code}', url);
    assert.match(chunked, /"code":"method-not-allowed".* 405$/s);
    assert.equal(door.counted('web_reputation_requests_total', '200'), 4);
  },
);

test('curl gets the answer to a body that is too large', { skip: missingPeer('curl') }, async (t) => {
  const door = await openApi({ config: (base) => ({ ...base, api: { ...base.api, bodyBytesMax: 1024 } }) });
  const port = await listenFor(t, door, 'https');
  const result = await runChild(
    t,
    peerPath('curl'),
    ['-sS', '--max-time', '60', '-H', 'Expect:', '--data-binary', '@-', `http://127.0.0.1:${port}/bulk/md5`],
    { input: 'x'.repeat(2_000_000) },
  );
  assert.match(result.stdout, /"code":"body-too-large"/);
  assert.equal(result.code, 0, result.stderr);
});

test('curl sends many URLs and reads the answers meanwhile', { skip: missingPeer('curl') }, async (t) => {
  const door = await openWebReputation();
  const port = await listenFor(t, door, 'webReputation');
  const input = Array.from({ length: 20_000 }, (_, at) => `http://site-${at}.example/\n`).join('');
  const words = ['-sS', '--max-time', '60', '-T', '-', '-X', 'POST', `http://127.0.0.1:${port}/v1/urls`];
  const { stdout, stderr } = await runChild(t, peerPath('curl'), words, { input, timeoutMs: 90_000 });
  const lines = stdout.split('\n');
  assert.equal(lines.length, 20_001, stderr);
  for (const at of [0, 1, 10_000, 19_999]) {
    const { url, verdict } = JSON.parse(lines[at]!);
    assert.deepEqual([url, verdict], [`http://site-${at}.example/`, 'unknown']);
  }
});

test('a client may send everything before it reads', async (t) => {
  const door = await openWebReputation();
  const port = await listenFor(t, door, 'webReputation');
  const count = 60_000;
  const body = 'http://www.example/some/path\n'.repeat(count);
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  const head = `POST /v1/urls HTTP/1.1\r\nHost: gw\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  // Resolves when the kernel has taken the last byte; nothing has been read until then.
  await new Promise<void>((resolve) => socket.write(head + body, () => resolve()));
  let answers = 0;
  let tail = '';
  for await (const chunk of socket) {
    // A piece may end inside the word.
    const text = tail + String(chunk);
    answers += text.split('"unknown"').length - 1;
    tail = text.slice(1 - '"unknown"'.length);
  }
  assert.ok(answers > count - 200 && answers <= count, String(answers));
});

test('Chromium obeys the PAC file', { skip: missingPeer('chromium') }, async (t) => {
  const proxy = await pageServer(t, 'by way of the proxy');
  const direct = await pageServer(t, 'directly');
  const door = await openApi({
    config: (base) => ({
      ...base,
      pac: { proxy: `127.0.0.1:${proxy.port}`, direct: ['*.corp.example', `odd.example:${direct.port}`] },
    }),
  });
  const pac = `http://127.0.0.1:${await listenFor(t, door, 'http')}/proxy.pac`;
  const seen: (readonly string[])[] = [];
  for (const url of [
    'http://www.example/page',
    `http://wiki.corp.example:${direct.port}/page`,
    `http://odd.example:${direct.port}/page`,
    'http://odd.example/page',
  ]) {
    const { stdout } = await runChild(
      t,
      peerPath('chromium'),
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        `--user-data-dir=${await tempDir(t, 'chromium')}`,
        `--proxy-pac-url=${pac}`,
        '--host-resolver-rules=MAP *.example 127.0.0.1',
        '--dump-dom',
        url,
      ],
      { timeoutMs: 90_000 },
    );
    seen.push([url.replace(/:\d+/, ''), /<p>(.*)<\/p>/.exec(stdout)?.[1] ?? stdout]);
  }
  assert.deepEqual(seen, [
    ['http://www.example/page', 'by way of the proxy'],
    ['http://wiki.corp.example/page', 'directly'],
    ['http://odd.example/page', 'directly'],
    ['http://odd.example/page', 'by way of the proxy'],
  ]);
  assert.ok(
    proxy.targets.includes('http://www.example/page'),
    'as a proxy is asked, with an absolute target',
  );
  assert.ok(direct.targets.includes('/page'));
});

async function pageServer(t: TestContext, text: string) {
  const targets: string[] = [];
  const server = createServer((request, response) => {
    targets.push(request.url ?? '');
    response.end(`<!doctype html><p>${text}</p>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  server.unref();
  // A server on TCP has such an address.
  return { port: (server.address() as AddressInfo).port, targets };
}
