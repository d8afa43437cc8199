/** Bodies that pass through the forward proxy: scanned when a rule asks for it, and never else. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { EICAR, IcapClient, page } from '../support/icap-client.ts';
import { openIcapDoor } from '../support/icap-door.ts';
import { icapSamples } from '../support/icap-samples.ts';
import { policyOf } from '../support/policy.ts';
import { openProxyDoor, openRawOrigin, talk } from '../support/proxy-door.ts';

const MALICIOUS =
  'when: { file-verdict: malicious }, then: { block: { title: No viruses here }, quarantine: true }';
const SAMPLES = icapSamples();

function ask(port: number, path: string, more = ''): string {
  return `GET http://127.0.0.1:${port}${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}\r\n`;
}

function post(port: number, body: Buffer, more = ''): string {
  const head = `POST http://127.0.0.1:${port}/up HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${body.length}\r\n${more}\r\n`;
  return head + body.toString('latin1');
}

/** Answers each path with its body; `chunked` and `until close` as the path wants it. */
function serving(bodies: Readonly<Record<string, Buffer>>) {
  return (socket: Socket): void => {
    socket.on('data', (chunk) => {
      const path = /^[A-Z]+ \/(\S+)/.exec(String(chunk))?.[1];
      const [name = '', how] = path?.split('?') ?? [];
      const body = bodies[name] ?? Buffer.from('ok');
      if (how === 'chunked') {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        for (let at = 0; at < body.length; at += 1000) {
          const piece = body.subarray(at, at + 1000);
          socket.write(
            Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
          );
        }
        socket.write('0\r\n\r\n');
      } else if (how === 'close') {
        socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), body]));
      } else {
        socket.write(
          Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`), body]),
        );
      }
    });
  };
}

test('what is malicious is refused with its rule, as ICAP does it, in every framing; nothing of it gets through', async (t) => {
  const policy = await policyOf([MALICIOUS]);
  const door = await openProxyDoor(t, { policy, scans: true });
  const icap = await openIcapDoor(t, { policy });
  const client = await IcapClient.open(icap.port);
  t.after(() => client.close());
  const { eicar, zipped, nested } = SAMPLES;
  const origin = await openRawOrigin(t, serving({ eicar, zipped, nested }));
  for (const name of ['eicar', 'eicar?chunked', 'eicar?close', 'zipped', 'nested?chunked']) {
    const { text } = await talk(door.port, ask(origin.port, `/${name}`), /id +\S+\n|\0$/);
    assert.match(text, /^HTTP\/1\.1 403 Forbidden\r\n/, name);
    assert.match(text, /No viruses here/);
    assert.match(text, /rule +r0\n/);
    assert.equal(text.includes('EICAR-STANDARD'), false, name);
  }
  await door.finished(5);
  await client.ask(page(EICAR));
  await icap.finished(1);
  const plain = ({ rule, reason, decision }: (typeof door.entries)[number]) => ({ rule, reason, decision });
  for (const entry of door.entries) assert.deepEqual(plain(entry), plain(icap.entries[0]!));
  assert.equal(door.scans(), 5);
  assert.deepEqual(
    door.kept.slice(0, 1),
    [{ sha256: createHash('sha256').update(EICAR).digest('hex'), bytes: EICAR.length }],
    'the rule wants it in the quarantine',
  );
  const { details } = door.events.find(({ type }) => type === 'decision.block')!;
  assert.equal((details as { finding?: string }).finding, 'EICAR-Test-File');
});

test('an upload is judged before the server has the whole of it', async (t) => {
  const door = await openProxyDoor(t, { policy: await policyOf([MALICIOUS]), scans: true });
  const clean = Buffer.alloc(70_000, 'clean ');
  const origin = await openRawOrigin(t, (socket) => {
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes > clean.length) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  const { text } = await talk(door.port, post(origin.port, EICAR), /id +\S+\n/);
  assert.match(text, /^HTTP\/1\.1 403 /);
  assert.match(text, /rule +r0\n/);
  assert.equal(origin.received.join('').includes('EICAR'), false);
  const { text: fine } = await talk(door.port, post(origin.port, clean), /ok$/);
  assert.match(fine, /^HTTP\/1\.1 200 OK/);
  assert.ok(origin.received.some((got) => got.endsWith(clean.toString('latin1'))));
  await door.finished(2);
  assert.deepEqual(
    door.entries.map(({ rule, decision }) => `${rule} ${decision}`),
    ['r0 block', 'default-allow allow'],
  );
});

test('without a rule that asks for it no body is scanned, whatever the rules are', async (t) => {
  for (const rules of [
    [],
    ['when: { media-type: "application/x-*" }, then: block'],
    ['when: { size: { min: 1MiB } }, then: block', 'when: { file-name: "*.exe" }, then: { monitor: true }'],
    ['then: { scan: off }', MALICIOUS],
    ['when: { host: elsewhere.test }, then: { scan: full }'],
    ['when: { host: elsewhere.test, file-verdict: malicious }, then: block'],
  ]) {
    // This door has no engine: a scan would be a failure.
    const door = await openProxyDoor(t, { policy: await policyOf(rules) });
    const origin = await openRawOrigin(t, serving({ eicar: EICAR }));
    const { text } = await talk(door.port, ask(origin.port, '/eicar?chunked'), /0\r\n\r\n$/);
    assert.match(text, /EICAR-STANDARD/, rules.join());
    const up = await talk(door.port, post(origin.port, EICAR), /ok$/);
    assert.match(up.text, /200 OK/, rules.join());
  }
});

test('a rule with a scan profile has bodies scanned, and the built-in rules decide; parts of files are not asked for', async (t) => {
  const policy = await policyOf(['when: { url: "*/down/*" }, then: { scan: full }']);
  const door = await openProxyDoor(t, { policy, scans: true });
  const origin = await openRawOrigin(t, serving({ 'down/a': EICAR, 'down/b': SAMPLES.encrypted, c: EICAR }));
  const fields = 'Range: bytes=0-9\r\nAccept-Encoding: br, gzip, compress, zstd\r\n';
  for (const path of ['/down/a', '/down/b', '/c']) {
    await talk(door.port, ask(origin.port, path, fields), /id +\S+\n|H\+H\*$/);
  }
  await door.finished(3);
  assert.deepEqual(
    door.entries.map(({ rule, reason }) => [rule, reason]),
    [
      ['file-malicious', 'file-malicious'],
      ['file-incomplete', 'file-encrypted'],
      ['default-allow', 'no-rule-matched'],
    ],
  );
  const [a, , c] = [...origin.received.join('').matchAll(/GET .*?\r\n\r\n/gs)].map(([head]) => head);
  assert.doesNotMatch(a!, /Range/);
  assert.match(a!, /Accept-Encoding: br, gzip, zstd\r\n/);
  assert.match(c!, /Range: bytes=0-9\r\nAccept-Encoding: br, gzip, compress, zstd/);
  const lenient = await openProxyDoor(t, { policy, scans: true, forwardProxy: { incomplete: 'allow' } });
  await talk(lenient.port, ask(origin.port, '/down/b'), SAMPLES.encrypted.length);
  await lenient.finished(1);
  assert.equal(lenient.entries[0]?.rule, 'default-allow');
});

test('a rule over the type of a file refuses at its start', async (t) => {
  const program = Buffer.alloc(3_000_000, 0x90);
  program.write('MZ');
  program.writeUInt32LE(128, 60);
  program.write('PE\0\0', 128);
  const policy = await policyOf(['when: { file-type: executable }, then: block']);
  const door = await openProxyDoor(t, { policy, scans: true });
  const origin = await openRawOrigin(t, serving({ 'a.txt': program, 'b.txt': Buffer.from('text') }));
  const { text } = await talk(door.port, ask(origin.port, '/a.txt'), /id +\S+\n/);
  assert.match(text, /^HTTP\/1\.1 403 /);
  assert.match((await talk(door.port, ask(origin.port, '/b.txt'), /text$/)).text, /200 OK/);
});

test('of a long body only the end is held, and a bad end is cut off; held whole, nothing gets through', async (t) => {
  const filler = Buffer.alloc(300_000, 'x');
  const zip = SAMPLES.zipped;
  const bad = Buffer.concat([zip, filler, zip]);
  const origin = await openRawOrigin(t, serving({ bad, fine: filler }));
  const policy = await policyOf([MALICIOUS]);
  const late = { heldBytes: 4096 } as const;
  const streams = await openProxyDoor(t, { policy, scans: true, forwardProxy: late });
  const cut = await talk(streams.port, ask(origin.port, '/bad?chunked'));
  assert.match(cut.text, /^HTTP\/1\.1 200 OK/);
  assert.equal(cut.end, 'reset');
  assert.equal(cut.text.endsWith('0\r\n\r\n'), false);
  await streams.finished(1);
  assert.deepEqual([streams.entries[0]?.rule, streams.entries[0]?.decision], ['r0', 'block']);
  const holds = await openProxyDoor(t, {
    policy,
    scans: true,
    forwardProxy: { ...late, largeBodies: 'hold' },
  });
  const { text } = await talk(holds.port, ask(origin.port, '/bad?chunked'), /id +\S+\n/);
  assert.match(text, /^HTTP\/1\.1 403 /);
  for (const door of [streams, holds]) {
    const fine = await talk(door.port, ask(origin.port, '/fine?chunked'), /0\r\n\r\n$/);
    const body = fine.text.slice(fine.text.indexOf('\r\n\r\n') + 4).replaceAll(/(?:\r\n)?[0-9a-f]+\r\n/g, '');
    assert.equal(body.replaceAll(/[^x]/g, '').length, filler.length);
  }
});

test('a server that breaks off in a held body is an error of the server', async (t) => {
  const door = await openProxyDoor(t, { policy: await policyOf([MALICIOUS]), scans: true });
  const origin = await openRawOrigin(t, (socket) =>
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort')),
  );
  const { text } = await talk(door.port, ask(origin.port, '/x'), /id +\S+\n/);
  assert.match(text, /^HTTP\/1\.1 502 /);
  assert.equal(door.counted('forward_proxy_scans'), 0);
});
