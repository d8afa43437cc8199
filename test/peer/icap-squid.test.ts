/** Squid as ICAP client: REQMOD and RESPMOD, plain and over TLS, with and without preview, plain and bumped HTTPS. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../support/authority.ts';
import { sized } from '../support/behaviours.ts';
import { runChild } from '../support/child.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { EICAR } from '../support/icap-client.ts';
import { startIcapSquid } from '../support/icap-squid.ts';
import { type Behaviour, type Origin, startOrigin } from '../support/origin.ts';
import { patternBytes } from '../support/pattern.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { processTree } from '../support/process-tree.ts';
import { type Scope, scopeOf, tempDir } from '../support/scope.ts';
import { zipOf } from '../support/zip.ts';

const MEBI = 1_048_576;
/** Longer than Squid's buffer. */
const LONG = [65_536, 300_000, MEBI - 1];
const SIZES = [0, 1, 1023, 1024, 1025, 65_535, MEBI];

const eicar: Behaviour = (_request, socket) => {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${EICAR.length}\r\n\r\n`);
  socket.write(EICAR);
};
/** The same in an archive of 700 KB. */
const longEicar: Behaviour = (_request, socket) => {
  const body = zipOf([
    ['filler.bin', randomBytes(700_000)],
    ['eicar.com', EICAR],
  ]);
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
  socket.write(body);
};
/** A pool that delays nothing: what Squid 5.7 puts off while its buffer is full is then looked at every second. */
const DELAY_POOL = [
  'delay_pools 1',
  'delay_class 1 1',
  'delay_parameters 1 1000000000/1000000000',
  'delay_access 1 allow all',
];
const upload: Behaviour = ({ bodyBytes, bodySha256, fields }, socket) => {
  const text = `${bodyBytes} ${bodySha256} ${fields.get('x-tenant') ?? '-'}\n`;
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
};

describe('Squid as ICAP client', { skip: missingPeer('squid', 'curl', 'openssl') }, () => {
  for (const tls of [false, true]) {
    for (const preview of [true, false]) {
      test(`${tls ? 'icaps' : 'icap'}, preview ${preview ? 'on' : 'off'}`, async (context) => {
        const t = scopeOf(context);
        const lab = await openLab(t, { tls, preview });
        for (const base of [lab.http, lab.https]) {
          for (const size of SIZES) {
            const got = await lab.curl(`${base}/size/${size}`);
            assert.equal(got.code, 200, `${base} ${size} ${got.text}`);
            assert.equal(got.sha256, sha256(patternBytes(0, size)), `${base} ${size}`);
            const file = join(lab.dir, `up-${size}`);
            await writeFile(file, patternBytes(0, size));
            const sent = await lab.curl(`${base}/upload`, '--data-binary', `@${file}`);
            assert.equal(sent.text, `${size} ${sha256(patternBytes(0, size))} -\n`, `${base} upload ${size}`);
          }
          const bad = await lab.curl(`${base}/eicar`, '-H', 'Accept: text/html');
          assert.equal(bad.code, 403, base);
          assert.match(bad.text, /This file is blocked[^]*EICAR-Test-File/);
          const badUpload = await lab.curl(`${base}/upload`, '--data-binary', EICAR.toString('latin1'));
          assert.equal(badUpload.code, 403, base);
        }
        const listed = await lab.curl(
          `http://blocked.example.test:${lab.origin.port}/`,
          '-H',
          'Accept: text/html',
        );
        assert.equal(listed.code, 403);
        assert.match(listed.text, /local-block/);
        assert.ok(
          lab.origin.requests.every(({ fields }) => fields.get('host')?.startsWith('blocked.') !== true),
        );
      });
    }
  }

  for (const preview of [true, false]) {
    test(`held whole, preview ${preview ? 'on' : 'off'}: a body comes as a whole or not at all`, async (context) => {
      const t = scopeOf(context);
      const icap = { largeBodies: 'hold', heldBytes: '4KiB', bodyIdle: '2s' };
      const lab = await openLab(t, { tls: false, preview, icap });
      for (const size of SIZES) {
        const got = await lab.curl(`${lab.http}/size/${size}`);
        // Squid 5 keeps 64 KiB of a body and sends no more before an answer begins: it gives the body up.
        if (size <= 65_535) assert.equal(got.code, 200, `${size} ${got.text}`);
        if (got.code === 200) assert.equal(got.sha256, sha256(patternBytes(0, size)), String(size));
        else assert.match(got.text, /ERR_ICAP_FAILURE/);
      }
      const bad = await lab.curl(`${lab.http}/eicar`, '-H', 'Accept: text/html');
      assert.equal(bad.code, 403);
      assert.match(bad.text, /This file is blocked[^]*EICAR-Test-File/);
    });
  }

  for (const icap of [{ largeBodies: 'hold', heldBytes: '4KiB' }, { stall: '5s' }]) {
    test(`with a delay pool long bodies are held as well: ${JSON.stringify(icap)}`, async (context) => {
      const t = scopeOf(context);
      const lab = await openLab(t, { tls: false, preview: true, icap, lines: DELAY_POOL });
      for (const size of LONG) {
        const got = await lab.curl(`${lab.http}/size/${size}`);
        assert.equal(got.code, 200, `${size} ${got.text.slice(0, 300)}`);
        assert.equal(got.sha256, sha256(patternBytes(0, size)), String(size));
      }
      const bad = await lab.curl(`${lab.http}/long-eicar`, '-H', 'Accept: text/html');
      assert.equal(bad.code, 403);
      assert.match(bad.text, /This file is blocked[^]*EICAR-Test-File/);
    });
  }

  test('200 MiB go through, and memory does not', async (context) => {
    const t = scopeOf(context);
    const lab = await openLab(t, { tls: false, preview: true });
    await lab.curl(`${lab.http}/size/${MEBI}`);
    const before = residentBytes(lab.gateway.child.pid);
    let most = 0;
    let over = false;
    const watching = (async () => {
      while (!over) {
        most = Math.max(most, residentBytes(lab.gateway.child.pid));
        await sleep(100);
      }
    })();
    const got = await lab.curl(`${lab.http}/size/${200 * MEBI}`);
    over = true;
    await watching;
    assert.equal(got.code, 200);
    assert.equal(got.bytes, 200 * MEBI);
    const whole = createHash('sha256');
    for (let at = 0; at < 200 * MEBI; at += MEBI) whole.update(patternBytes(at, MEBI));
    assert.equal(got.sha256, whole.digest('hex'));
    assert.ok(most - before < 64 * MEBI, `grew by ${Math.round((most - before) / MEBI)} MiB`);
  });
});

interface Lab {
  readonly gateway: Gateway;
  readonly origin: Origin;
  readonly dir: string;
  readonly http: string;
  readonly https: string;
  curl(...words: readonly string[]): Promise<Got>;
}

interface Got {
  readonly code: number;
  readonly bytes: number;
  readonly sha256: string;
  /** The first 64 KiB. */
  readonly text: string;
}

interface LabOptions {
  readonly tls: boolean;
  readonly preview: boolean;
  readonly icap?: Readonly<Record<string, unknown>>;
  /** Of Squid's configuration. */
  readonly lines?: readonly string[];
}

async function openLab(t: Scope, { tls, preview, icap = {}, lines = [] }: LabOptions): Promise<Lab> {
  const dir = await tempDir(t, 'icap-lab');
  const certificate = await makeCertificate(t, 'DNS:www.example.test,DNS:localhost,IP:127.0.0.1');
  const sizes = [...SIZES, ...LONG, 200 * MEBI].map((size) => [`/size/${size}`, sized(size)] as const);
  const routes = {
    ...Object.fromEntries(sizes),
    '/eicar': eicar,
    '/long-eicar': longEicar,
    '/upload': upload,
  };
  const origin = await startOrigin(t, routes);
  const secure = await startOrigin(t, routes, { tls: certificate });
  const gateway = await startGateway(t, { config: { icap: { trustedClients: ['127.0.0.0/8'], ...icap } } });
  await gateway.ask('indicator', 'block', 'blocked.example.test');
  const squid = await startIcapSquid(t, {
    icap: tls ? `icaps://localhost:${gateway.ports.icaps}` : `icap://127.0.0.1:${gateway.ports.icap}`,
    preview,
    originCa: certificate.caFile,
    lines,
  });
  const curl = async (...words: readonly string[]): Promise<Got> => {
    const out = join(dir, 'out');
    const result = await runChild(
      t,
      peerPath('curl'),
      [
        '-sS',
        '--max-time',
        '60',
        '--proxy',
        `http://127.0.0.1:${squid.port}`,
        '--cacert',
        squid.caFile,
        '-o',
        out,
        '-w',
        '%{http_code}',
        ...words,
      ],
      { timeoutMs: 70_000 },
    );
    if (result.code !== 0) throw new Error(`curl ${words.join(' ')}: ${result.code} ${result.stderr}`);
    const bytes = readFileSync(out, { flag: 'a+' });
    const got = { code: Number(result.stdout), bytes: bytes.length, sha256: sha256(bytes) };
    await writeFile(out, '');
    return { ...got, text: bytes.subarray(0, 65_536).toString('latin1') };
  };
  return {
    gateway,
    origin,
    dir,
    http: `http://www.example.test:${origin.port}`,
    https: `https://www.example.test:${secure.port}`,
    curl,
  };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Of the whole gateway. */
function residentBytes(root: number): number {
  return processTree(root).reduce((sum, pid) => {
    try {
      return (
        sum + Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
      );
    } catch {
      return sum;
    }
  }, 0);
}
