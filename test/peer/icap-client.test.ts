/** c-icap-client against our ICAP and ICAPS: everything that it can do, and every kind of file. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { makeCertificate } from '../support/authority.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { clientRepertoire, clientRun } from '../support/icap-peers.ts';
import { icapSamples } from '../support/icap-samples.ts';
import { missingPeer } from '../support/peers.ts';
import { metricsWhen } from '../support/prometheus.ts';
import { scopeOf, tempDir } from '../support/scope.ts';

describe('c-icap-client', { skip: missingPeer('c-icap-client') }, () => {
  test('its whole repertoire, plain and over TLS', async (context) => {
    const t = scopeOf(context);
    const { ports } = await startGateway(t);
    for (const service of ['avscan', 'echo', 'virus_scan?allow204=on&sizelimit=off&mode=simple']) {
      for (const tls of [false, true]) {
        const port = (tls ? ports.icaps : ports.icap) ?? 0;
        const runs = await clientRepertoire(t, { port, service, tls });
        assert.equal(runs.length, 13);
        for (const { name, status, body } of runs) {
          const isCarried = name.endsWith('no 204') || (service !== 'echo' && name.endsWith('outside it'));
          assert.deepEqual([status, body], isCarried ? [200, 'same'] : [204, 'none'], `${service} ${name}`);
        }
      }
    }
  });

  test('each kind of file has its own answer', async (context) => {
    const t = scopeOf(context);
    const gateway = await startGateway(t);
    const dir = await tempDir(t);
    const expected = {
      eicar: 'Type=0; Resolution=2; Threat=EICAR-Test-File;',
      zipped: 'Type=0; Resolution=2; Threat=EICAR-Test-File;',
      nested: 'Type=0; Resolution=2; Threat=EICAR-Test-File;',
      encrypted: 'Type=2; Resolution=2; Threat=encrypted;',
      damaged: 'Type=2; Resolution=2; Threat=damaged;',
      clean: undefined,
    };
    for (const tls of [false, true]) {
      const port = (tls ? gateway.ports.icaps : gateway.ports.icap) ?? 0;
      for (const [name, bytes] of Object.entries(icapSamples())) {
        const file = join(dir, name);
        await writeFile(file, bytes);
        const run = await clientRun(t, { port, service: 'avscan', tls }, file);
        // A client that reads this field and nothing else.
        const infection = /X-Infection-Found: (.*?)\s*$/m.exec(run.text)?.[1];
        assert.equal(infection, expected[name as keyof typeof expected], `${name}\n${run.text}`);
        assert.equal(/HTTP\/1\.\d 403 Forbidden/.test(run.text), infection !== undefined, name);
        assert.equal(run.status, infection === undefined ? 204 : 200, name);
      }
    }
    const lines = await linesOf(gateway, 12);
    assert.equal(lines.filter(({ rule }) => rule?.startsWith('file-')).length, 10);
    assert.ok(lines.every(({ door, url }) => door === 'icap' && url !== ''));
    const counted = /sallyport_icap_requests_total\{method="RESPMOD",result="blocked"\} 10\b/;
    assert.match(await metricsWhen(gateway, (metrics) => counted.test(metrics)), counted);
  });
});

describe('client certificates', { skip: missingPeer('openssl') }, () => {
  test('required: only clients that our authority has signed', async (context) => {
    const t = scopeOf(context);
    const ours = await makeCertificate(t);
    const others = await makeCertificate(t);
    for (const [mode, noneIsServed] of [
      ['require', false],
      ['request', true],
    ] as const) {
      const { ports } = await startGateway(t, {
        config: { icap: { clientCertificates: mode, clientCaFile: ours.caFile } },
      });
      const port = ports.icaps ?? 0;
      assert.equal(await isServed(port, ours), true, mode);
      assert.equal(await isServed(port, others), false, mode);
      assert.equal(await isServed(port, undefined), noneIsServed, mode);
      // The other TLS ports ask nobody.
      assert.equal(
        await isServed(ports.https ?? 0, undefined, 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'),
        true,
      );
    }
  });
});

interface Line {
  readonly rule?: string;
  readonly door: string;
  readonly url: string;
  readonly method: string;
}

/** Lines of RESPMOD, as soon as so many are on the disk. */
async function linesOf(gateway: Gateway, count: number): Promise<readonly Line[]> {
  for (let turn = 0; ; turn++) {
    const text = (await gateway.accessLog()).trim();
    const lines = text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Line);
    const asked = lines.filter(({ method }) => method !== 'OPTIONS');
    if (asked.length >= count || turn === 600) return asked;
    await sleep(50);
  }
}

/** The handshake succeeds and the door answers. */
function isServed(
  port: number,
  identity: { readonly cert: string; readonly key: string } | undefined,
  request = 'OPTIONS icap://gw.test/avscan ICAP/1.0\r\nHost: gw.test\r\n\r\n',
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
    });
    socket.once('data', (bytes: Buffer) => {
      socket.destroy();
      resolve(/^(?:ICAP\/1\.0|HTTP\/1\.1) 200 /.test(bytes.toString('latin1')));
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.write(request);
  });
}
