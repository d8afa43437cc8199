/** Foreign load generators through the forward proxy: every answer is right, under many connections at once. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { text } from '../support/behaviours.ts';
import { runChild } from '../support/child.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { startOrigin } from '../support/origin.ts';
import type { Origin } from '../support/origin.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { metricsWhen, metricSum } from '../support/prometheus.ts';
import { openScope, tempDir } from '../support/scope.ts';

describe('load generators', () => {
  const scope = openScope();
  let gateway: Gateway;
  let origin: Origin;

  before(async () => {
    origin = await startOrigin(scope, { '/page': text('x'.repeat(1024)) });
    gateway = await startGateway(scope, {
      edges: 2,
      config: { egress: { allowDestinations: ['127.0.0.0/8'] } },
    });
  });
  after(() => scope.close());

  test('wrk', { skip: missingPeer('wrk') }, async () => {
    const script = join(await tempDir(scope, 'wrk'), 'absolute.lua');
    await writeFile(
      script,
      `wrk.path = "${origin.url}/page"\nwrk.headers["Host"] = "127.0.0.1:${origin.port}"\n`,
    );
    const args = [
      '-t1',
      '-c50',
      '-d2s',
      '--timeout',
      '60s',
      '-s',
      script,
      `http://127.0.0.1:${gateway.proxyPort}/`,
    ];
    const { stdout } = await runChild(scope, peerPath('wrk'), args);
    const answered = Number(/(\d+) requests in/.exec(stdout)?.[1]);
    assert.ok(answered > 0, stdout);
    assert.doesNotMatch(stdout, /Non-2xx|Socket errors/);
    const forwarded = (metrics: string): number =>
      metricSum(metrics, 'sallyport_forward_proxy_requests_total', { result: 'forwarded' });
    const counted = forwarded(await metricsWhen(gateway, (metrics) => forwarded(metrics) >= answered));
    assert.ok(counted >= answered, `${counted} counted, ${answered} answered`);
  });

  test('ab: HTTP/1.0, kept and not kept', { skip: missingPeer('ab') }, async () => {
    for (const keep of [['-k'], []]) {
      const args = [
        ...keep,
        '-q',
        '-n',
        '500',
        '-c',
        '20',
        '-X',
        `127.0.0.1:${gateway.proxyPort}`,
        `${origin.url}/page`,
      ];
      const { stdout, stderr } = await runChild(scope, peerPath('ab'), args);
      assert.match(stdout, /Complete requests: +500\n/, stderr);
      assert.match(stdout, /Failed requests: +0\n/);
      assert.doesNotMatch(stdout, /Non-2xx/);
      assert.match(stdout, /HTML transferred: +512000 bytes/);
    }
  });
});
