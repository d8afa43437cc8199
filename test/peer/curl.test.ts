/** curl through the forward proxy. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeCertificate } from '../support/authority.ts';
import { echo, ranges, sized, text } from '../support/behaviours.ts';
import { runChild } from '../support/child.ts';
import { ADMIN_PASSWORD, startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { startOrigin } from '../support/origin.ts';
import type { Origin } from '../support/origin.ts';
import { patternBytes } from '../support/pattern.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { openScope, tempDir } from '../support/scope.ts';

describe('curl', { skip: missingPeer('curl', 'openssl') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let closed: Gateway;
  let origin: Origin;
  let origin6: Origin;
  let secure: Origin;
  let caFile: string;
  let dir: string;

  before(async () => {
    dir = await tempDir(scope, 'curl');
    const routes = {
      '/': text('hello'),
      '/echo': echo,
      '/bytes': sized(100_000),
      '/ranges': ranges(100_000),
      '/from': text('', ['Location: /echo'], '302 Found'),
    };
    origin = await startOrigin(scope, routes);
    origin6 = await startOrigin(scope, routes, { host: '::1' });
    const certificate = await makeCertificate(scope);
    caFile = certificate.caFile;
    secure = await startOrigin(scope, routes, { tls: certificate });
    const config = {
      egress: { allowDestinations: ['127.0.0.0/8', '::1/128'] },
      forwardProxy: { connectPorts: [443, secure.port] },
    };
    gateway = await startGateway(scope, { config });
    closed = await startGateway(scope, {
      config: { ...config, forwardProxy: { ...config.forwardProxy, auth: 'required' } },
    });
  });
  after(() => scope.close());

  test('GET', async () => {
    const { code, stdout } = await curl(`${origin.url}/bytes`, '-o', join(dir, 'got'), '-w', '%{http_code}');
    assert.deepEqual([code, stdout], [0, '200']);
    assert.ok((await readFile(join(dir, 'got'))).equals(patternBytes(0, 100_000)));
  });

  test('HEAD', async () => {
    const { code, stdout } = await curl(`${origin.url}/bytes`, '-I');
    assert.equal(code, 0);
    assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n[^]*Content-Length: 100000\r\n/i);
  });

  test('POST and PUT with a length, and a file in chunks', async () => {
    const body = patternBytes(0, 300_000);
    const file = join(dir, 'upload');
    await writeFile(file, body);
    const cases = [
      ['POST', '--data-binary', `@${file}`],
      ['PUT', '-T', file],
      ['PUT', '-T', file, '-H', 'Transfer-Encoding: chunked'],
    ] as const;
    for (const [method, ...args] of cases) {
      const { code, stdout, stderr } = await curl(`${origin.url}/echo`, ...args);
      assert.equal(code, 0, stderr);
      const got: unknown = JSON.parse(stdout);
      const want = {
        method,
        bodyBytes: body.length,
        bodySha256: createHash('sha256').update(body).digest('hex'),
      };
      assert.deepEqual({ ...want, ...pick(got, Object.keys(want)) }, want, args.join(' '));
    }
  });

  test('Expect: 100-continue', async () => {
    // Longer than it may take: it does not end well when it waits so long.
    const args = [
      '-H',
      'Expect: 100-continue',
      '--expect100-timeout',
      '120',
      '--data-binary',
      'x'.repeat(2000),
    ];
    const { code, stderr } = await curl(`${origin.url}/echo`, '-v', ...args);
    assert.equal(code, 0, 'curl gave up waiting for 100');
    assert.match(stderr, /< HTTP\/1\.1 100 Continue/i);
  });

  test('a redirect is the client’s to follow', async () => {
    const { stdout } = await curl(`${origin.url}/from`, '-L', '-w', ' %{num_redirects} %{http_code}');
    assert.match(stdout, / 1 200$/);
  });

  test('ranges', async () => {
    const { stdout } = await curl(
      `${origin.url}/ranges`,
      '-r',
      '1000-1999',
      '-o',
      join(dir, 'part'),
      '-w',
      '%{http_code} %{size_download}',
    );
    assert.equal(stdout, '206 1000');
    assert.ok((await readFile(join(dir, 'part'))).equals(patternBytes(1000, 1000)));
  });

  test('one connection to the proxy carries many requests', async () => {
    const urls = Array.from({ length: 10 }, (_, i) => `${origin.url}/echo?${i}`);
    const { stdout } = await curl(urls[0] ?? '', ...urls.slice(1), '-s', '-w', '\n%{num_connects}\n');
    const connects = stdout.split('\n').filter((line) => /^\d+$/.test(line));
    assert.deepEqual(connects, ['1', ...Array.from({ length: 9 }, () => '0')]);
  });

  test('IPv6', async () => {
    const { code, stdout } = await curl(`${origin6.url}/`);
    assert.deepEqual([code, stdout], [0, 'hello']);
  });

  test('CONNECT to a TLS origin whose certificate is checked', async () => {
    const { code, stdout, stderr } = await curl(`https://127.0.0.1:${secure.port}/`, '--cacert', caFile);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'hello');
    assert.equal(secure.requests.at(-1)?.fields.has('via'), false, 'the proxy was in the tunnel');
  });

  test('CONNECT to a port that is not allowed', async () => {
    const { code, stderr } = await curl(`https://127.0.0.1:${origin.port}/`, '-k');
    assert.equal(code, 56);
    assert.match(stderr, /403/);
  });

  test('Basic: without, with a wrong and with the right password', async () => {
    const status = async (...args: readonly string[]): Promise<string> => {
      const { stdout } = await curlVia(
        closed,
        `${origin.url}/`,
        ...args,
        '-o',
        join(dir, 'page'),
        '-w',
        '%{http_code}',
      );
      return stdout;
    };
    assert.equal(await status(), '407');
    assert.match(await readFile(join(dir, 'page'), 'utf8'), /proxy/i);
    assert.equal(await status('--proxy-user', 'admin:wrong'), '407');
    assert.equal(await status('--proxy-user', `admin:${ADMIN_PASSWORD}`), '200');
    assert.equal(await status('--proxy-anyauth', '--proxy-user', `admin:${ADMIN_PASSWORD}`), '200');
    const tunnelled = await curlVia(
      closed,
      `https://127.0.0.1:${secure.port}/`,
      '--cacert',
      caFile,
      '--proxy-user',
      `admin:${ADMIN_PASSWORD}`,
    );
    assert.equal(tunnelled.stdout, 'hello', tunnelled.stderr);
    assert.ok(!(await closed.accessLog()).includes(ADMIN_PASSWORD));
  });

  async function curl(url: string, ...args: readonly string[]) {
    return curlVia(gateway, url, ...args);
  }

  async function curlVia(through: Gateway, url: string, ...args: readonly string[]) {
    const proxy = ['--proxy', `http://127.0.0.1:${through.proxyPort}`, '--noproxy', ''];
    return runChild(scope, peerPath('curl'), ['-q', '-sS', '--max-time', '50', ...proxy, ...args, url], {
      cwd: dir,
    });
  }
});

function pick(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter(([name]) => names.includes(name)));
}
