/** Scanned bodies through 8080: clean ones come through as they are, and long ones cost no memory. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sized } from '../support/behaviours.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type Behaviour, startOrigin } from '../support/origin.ts';
import { PatternCheck, patternBytes } from '../support/pattern.ts';
import { metricsWhen } from '../support/prometheus.ts';
import { processTree } from '../support/process-tree.ts';
import { type Scope, scopeOf, tempDir } from '../support/scope.ts';

const MEBI = 1_048_576;
const LARGE = 200 * MEBI;
const SIZES = [0, 1, 1023, 1024, 1025, 65_535, MEBI, LARGE];
const POLICY = `version: 1
rules:
  - { name: no-viruses, when: { file-verdict: malicious }, then: block }
default: allow
`;

const upload: Behaviour = ({ bodyBytes, bodySha256 }, socket) => {
  const text = `${bodyBytes} ${bodySha256}`;
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
};

async function openLab(scope: Scope, settings: Readonly<Record<string, unknown>> = {}) {
  const gateway = await startGateway(scope, {
    config: { egress: { allowDestinations: ['127.0.0.0/8'] }, forwardProxy: settings },
  });
  const file = join(await tempDir(scope), 'policy.yaml');
  await writeFile(file, POLICY);
  await gateway.ask('policy', 'apply', file);
  const routes = Object.fromEntries(SIZES.map((size) => [`/size/${size}`, sized(size)] as const));
  const origin = await startOrigin(scope, { ...routes, '/upload': upload });
  return { gateway, base: `http://127.0.0.1:${origin.port}` };
}

/** Compared as it comes: the test keeps nothing of it. */
async function download(gateway: Gateway, url: string): Promise<{ status: number; check: PatternCheck }> {
  const sent = request({
    host: '127.0.0.1',
    port: gateway.proxyPort,
    path: url,
    agent: false,
    headers: { Host: new URL(url).host },
  });
  sent.end();
  const [response] = await once(sent, 'response');
  const check = new PatternCheck();
  for await (const chunk of response) check.take(chunk as Buffer);
  return { status: response.statusCode, check };
}

test('clean bodies come through as they are, up to 200 MiB, and memory does not grow with them', async (context) => {
  const scope = scopeOf(context);
  const { gateway, base } = await openLab(scope);
  for (const size of SIZES.slice(0, -1)) {
    const { status, check } = await download(gateway, `${base}/size/${size}`);
    assert.deepEqual([status, check.bytes, check.wrongAt], [200, size, undefined]);
  }
  const before = anonymousBytes(gateway.child.pid);
  let most = before;
  let over = false;
  const watching = (async () => {
    while (!over) {
      most = Math.max(most, anonymousBytes(gateway.child.pid));
      await sleep(50);
    }
  })();
  const { status, check } = await download(gateway, `${base}/size/${LARGE}`);
  over = true;
  await watching;
  assert.deepEqual([status, check.bytes, check.wrongAt], [200, LARGE, undefined]);
  context.diagnostic(`200 MiB: memory grew by ${Math.round((most - before) / MEBI)} MiB`);
  assert.ok(most - before < 64 * MEBI, `grew by ${Math.round((most - before) / MEBI)} MiB`);
  const metrics = await metricsWhen(gateway, (text) => /forward_proxy_scans 0\n/.test(text));
  assert.match(metrics, /forward_proxy_scans 0\n/);
  assert.match(metrics, /forward_proxy_held_bytes 0\n/);
});

test('clean uploads reach the server as they are, also when they are held whole', async (context) => {
  const scope = scopeOf(context);
  for (const settings of [{}, { largeBodies: 'hold', heldBytes: '4KiB' }]) {
    const { gateway, base } = await openLab(scope, settings);
    for (const size of [0, 1, 1025, 65_535, MEBI, 3 * MEBI]) {
      const body = patternBytes(0, size);
      const sent = request({
        host: '127.0.0.1',
        port: gateway.proxyPort,
        path: `${base}/upload`,
        method: 'POST',
        agent: false,
        headers: { Host: new URL(base).host, 'Content-Length': size },
      });
      sent.end(body);
      const [response] = await once(sent, 'response');
      let text = '';
      for await (const chunk of response) text += String(chunk);
      assert.equal(
        text,
        `${size} ${createHash('sha256').update(body).digest('hex')}`,
        JSON.stringify(settings),
      );
    }
  }
});

/** Of the whole gateway; pages of the spool file belong to the system. */
function anonymousBytes(root: number): number {
  return processTree(root).reduce((sum, pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return sum + Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    } catch {
      return sum;
    }
  }, 0);
}
