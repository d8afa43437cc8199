/** Bodies behind content codings: looked at as their client will see them, and passed on as they came. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { EICAR, IcapClient, page, upload } from '../support/icap-client.ts';
import { openIcapDoor } from '../support/icap-door.ts';
import { policyOf } from '../support/policy.ts';
import { openProxyDoor, openRawOrigin, talk } from '../support/proxy-door.ts';

const MALICIOUS = 'when: { file-verdict: malicious }, then: { block: { title: No viruses here } }';
const CLEAN = Buffer.from(
  `<!doctype html>${Array.from({ length: 20_000 }, (_, at) => `<p>nothing bad in line ${at * at}`).join('\n')}`,
);

/** Content-Encoding → how it is made. */
const CODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  br: (bytes) => brotliCompressSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
  gzip: (bytes) => gzipSync(bytes),
  'X-GZIP': (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  'deflate, identity': (bytes) => deflateRawSync(bytes),
  'gzip, br': (bytes) => brotliCompressSync(gzipSync(bytes)),
  'zstd,gzip , br': (bytes) => brotliCompressSync(gzipSync(zstdCompressSync(bytes))),
};

/** A frame that decoders pass over (RFC 8878 §3.1.2). */
const SKIPPED = Buffer.from('502a4d1804000000aabbccdd', 'hex');

interface Sample {
  readonly coding: string;
  readonly body: Buffer;
}

/** What is wrong with them, and how that is called. */
const UNREAD: readonly (readonly [reason: string, sample: Sample])[] = [
  ['damaged', { coding: 'br', body: brotliCompressSync(CLEAN).subarray(0, 300) }],
  ['damaged', { coding: 'zstd', body: zstdCompressSync(CLEAN).subarray(0, 100) }],
  ['damaged', { coding: 'gzip', body: gzipSync(CLEAN).subarray(0, -4) }],
  ['damaged', { coding: 'br', body: CLEAN }],
  ['damaged', { coding: 'gzip, br', body: brotliCompressSync(CLEAN) }],
  ['damaged', { coding: 'gzip', body: Buffer.concat([gzipSync(CLEAN), Buffer.from('and more')]) }],
  ['unsupported', { coding: 'compress', body: CLEAN }],
  ['unsupported', { coding: 'x-made-up, br', body: brotliCompressSync(CLEAN) }],
  ['encrypted', { coding: 'aes128gcm', body: CLEAN }],
  ['limit', { coding: 'gzip, gzip, gzip, gzip, gzip', body: CLEAN }],
  ['limit', { coding: 'br', body: bomb() }],
  ['limit', { coding: 'br, br', body: brotliCompressSync(bomb()) }],
];

/** A gigabyte of zeros in a few kilobytes. */
function bomb(): Buffer {
  return brotliCompressSync(Buffer.alloc(1 << 30), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
}

function ask(port: number, path: string): string {
  return `GET http://127.0.0.1:${port}/${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
}

function post(port: number, { coding, body }: Sample): string {
  const head = `POST http://127.0.0.1:${port}/up HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${body.length}\r\nContent-Encoding: ${coding}\r\n\r\n`;
  return head + body.toString('latin1');
}

/** Answers `/N` with the sample of that number. */
function serving(samples: readonly Sample[]) {
  return (socket: Socket): void => {
    let asked = '';
    socket.on('data', (chunk) => {
      asked += chunk.toString('latin1');
      const get = /^GET \/(\d+) [^]*\r\n\r\n$/.exec(asked);
      if (get === null) {
        const length = /Content-Length: (\d+)/.exec(asked)?.[1];
        const body = asked.indexOf('\r\n\r\n') + 4;
        if (length !== undefined && asked.length - body >= Number(length)) {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        }
        return;
      }
      asked = '';
      const { coding, body } = samples[Number(get[1])]!;
      const head = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`;
      socket.write(Buffer.concat([Buffer.from(head), body]));
    });
  };
}

/** A sample as ICAP brings it, both ways. */
function questions({ coding, body }: Sample) {
  const more = `\nContent-Encoding: ${coding}`;
  const answer = page(body);
  const sent = upload(body);
  return [
    { ...answer, response: answer.response! + more, preview: 1024, allow: ['204'] },
    { ...sent, request: sent.request! + more },
  ];
}

test('what is bad is found behind every coding, on the proxy and in both directions of ICAP', async (t) => {
  const samples = Object.entries(CODERS).map(([coding, code]) => ({ coding, body: code(EICAR) }));
  const policy = await policyOf([MALICIOUS]);
  const door = await openProxyDoor(t, { policy, scans: true });
  const icap = await openIcapDoor(t, { policy });
  const client = await IcapClient.open(icap.port);
  t.after(() => client.close());
  const origin = await openRawOrigin(t, serving(samples));
  for (const [at, sample] of samples.entries()) {
    const down = await talk(door.port, ask(origin.port, String(at)), /id +\S+\n|\0$/);
    assert.match(down.text, /^HTTP\/1\.1 403 [^]*No viruses here/, `answer: ${sample.coding}`);
    const up = await talk(door.port, post(origin.port, sample), /id +\S+\n|ok$/);
    assert.match(up.text, /^HTTP\/1\.1 403 [^]*No viruses here/, `request: ${sample.coding}`);
    for (const question of questions(sample)) {
      const reply = await client.ask(question);
      assert.match(reply.response, /403 Forbidden/, `${question.method}: ${sample.coding}`);
      assert.equal(reply.field('X-Virus-ID'), 'EICAR-Test-File');
    }
  }
  assert.equal(
    origin.received.some((got) => /POST [^]*\r\n\r\n[^]/.test(got)),
    false,
    'nothing of an upload',
  );
});

test('the quarantine gets what a client would have seen, and the body as it came where that is not whole', async (t) => {
  const rule = 'when: { file-verdict: malicious }, then: { block: true, quarantine: true }';
  const policy = await policyOf([rule]);
  const door = await openProxyDoor(t, { policy, scans: true });
  const icap = await openIcapDoor(t, { policy });
  const client = await IcapClient.open(icap.port);
  t.after(() => client.close());
  const cut = gzipSync(Buffer.concat([EICAR, Buffer.alloc(200_000)])).subarray(0, -4);
  const samples = Object.entries(CODERS).map(([coding, code]) => ({ coding, body: code(EICAR) }));
  const all = [...samples, { coding: 'gzip', body: cut }];
  const origin = await openRawOrigin(t, serving(all));
  for (const [at, sample] of all.entries()) {
    await talk(door.port, ask(origin.port, String(at)), /id +\S+\n|\0$/);
    await client.ask(questions(sample)[1]!);
  }
  await client.ask({ method: 'OPTIONS', service: '/respmod' });
  const plain = { sha256: hash('sha256', EICAR), bytes: EICAR.length };
  const asItCame = { sha256: hash('sha256', cut), bytes: cut.length };
  const expected = [...samples.map(() => plain), asItCame];
  assert.deepEqual(icap.kept, expected);
  assert.deepEqual(door.kept, expected);
});

test('what is clean passes byte for byte, and its verdict is that of the content', async (t) => {
  const samples = Object.entries(CODERS).map(([coding, code]) => ({ coding, body: code(CLEAN) }));
  const policy = await policyOf([MALICIOUS, 'when: { file-type: html, file-verdict: clean }, then: allow']);
  const door = await openProxyDoor(t, { policy, scans: true });
  const icap = await openIcapDoor(t, { policy });
  const client = await IcapClient.open(icap.port);
  t.after(() => client.close());
  const origin = await openRawOrigin(t, serving(samples));
  for (const [at, sample] of samples.entries()) {
    const { text } = await talk(
      door.port,
      ask(origin.port, String(at)),
      new RegExp(`\\r\\n\\r\\n[^]{${sample.body.length}}$`),
    );
    assert.ok(text.endsWith(`\r\n\r\n${sample.body.toString('latin1')}`), sample.coding);
    assert.match(text, new RegExp(`\\r\\nContent-Encoding: ${sample.coding}\\r\\n`));
    const [respmod, reqmod] = questions(sample);
    assert.equal((await client.ask(respmod!)).status, 204, sample.coding);
    const reply = await client.ask(reqmod!);
    assert.ok(reply.body.equals(sample.body), sample.coding);
  }
  await door.finished(samples.length);
  await icap.finished(samples.length * 2);
  for (const { rule } of [...door.entries, ...icap.entries]) assert.equal(rule, 'r1');
});

test('a coding that cannot be undone has its reason, and a rule may let it pass', async (t) => {
  const samples = UNREAD.map(([, sample]) => sample);
  const policy = await policyOf([
    'when: { incomplete: [unsupported] }, then: { allow: true }',
    'then: { scan: full }',
  ]);
  const door = await openProxyDoor(t, { policy, scans: true });
  const icap = await openIcapDoor(t);
  const client = await IcapClient.open(icap.port);
  t.after(() => client.close());
  const origin = await openRawOrigin(t, serving(samples));
  for (const [at, [reason, sample]] of UNREAD.entries()) {
    const what = `${sample.coding} ${reason} ${at}`;
    for (const question of questions(sample)) {
      const reply = await client.ask(question);
      assert.equal(reply.field('X-Infection-Found'), `Type=2; Resolution=2; Threat=${reason};`, what);
      assert.equal(icap.entries.at(-1)?.reason, `file-${reason}`, what);
    }
    await talk(
      door.port,
      ask(origin.port, String(at)),
      new RegExp(`id +\\S+\\n|\\r\\n\\r\\n[^]{${sample.body.length}}$`),
    );
    await door.finished(at + 1);
    const { rule, reason: given } = door.entries[at]!;
    if (reason === 'unsupported') assert.equal(rule, 'r0', what);
    else assert.deepEqual([rule, given], ['file-incomplete', `file-${reason}`], what);
  }
});

test('a body that is not what its coding says is looked at as it is, and so is the part of a cut one', async (t) => {
  const icap = await openIcapDoor(t, { icap: { incomplete: 'allow' } });
  const client = await IcapClient.open(icap.port);
  t.after(() => client.close());
  const long = Buffer.concat([EICAR, Buffer.alloc(50_000, ' ')]);
  for (const sample of [
    { coding: 'br', body: EICAR },
    { coding: 'x-made-up', body: EICAR },
    { coding: 'gzip', body: gzipSync(long, { level: 0 }).subarray(0, 2000) },
    { coding: 'zstd', body: Buffer.concat([zstdCompressSync(''), zstdCompressSync(EICAR)]) },
    { coding: 'zstd', body: Buffer.concat([SKIPPED, zstdCompressSync(EICAR)]) },
    { coding: 'gzip', body: Buffer.concat([gzipSync(EICAR), Buffer.from('something behind it')]) },
  ]) {
    for (const question of questions(sample)) {
      const reply = await client.ask(question);
      assert.equal(reply.field('X-Virus-ID'), 'EICAR-Test-File', sample.coding);
    }
  }
});

test('a rule over types asks for the type of the content, at its start', async (t) => {
  const program = Buffer.alloc(700_000, 0x90);
  program.write('MZ');
  program.writeUInt32LE(128, 60);
  program.write('PE\0\0', 128);
  for (let at = 4096; at < program.length; at += 4) program.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
  const policy = await policyOf(['when: { file-type: executable }, then: block']);
  const door = await openProxyDoor(t, { policy, scans: true });
  const icap = await openIcapDoor(t, { policy });
  const client = await IcapClient.open(icap.port);
  t.after(() => client.close());
  const samples = ['br', 'zstd', 'gzip', 'deflate', 'gzip, br'].map((coding) => ({
    coding,
    body: CODERS[coding]!(program),
  }));
  const origin = await openRawOrigin(t, serving(samples));
  for (const [at, sample] of samples.entries()) {
    const { text } = await talk(door.port, ask(origin.port, String(at)), /id +\S+\n|\r\n\r\n[^]{1000}/);
    assert.equal(text.slice(0, 13), 'HTTP/1.1 403 ', sample.coding);
    const [respmod] = questions({ ...sample, body: sample.body.subarray(0, 200_000) });
    const reply = await client.ask({ ...respmod!, preview: 4096 });
    assert.match(reply.response, /403 Forbidden/, sample.coding);
    // The first block of zstd is longer.
    if (!sample.coding.includes('zstd'))
      assert.equal(reply.continued, false, `${sample.coding}: its preview is enough`);
  }
});

test('files in a form are looked at one by one', async (t) => {
  const icap = await openIcapDoor(t);
  const client = await IcapClient.open(icap.port);
  t.after(() => client.close());
  const form = (file: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from('--b0\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'),
      Buffer.from('--b0\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\n'),
      file,
      Buffer.from('\r\n--b0--\r\n'),
    ]);
  const send = (body: Buffer, coding = '') => {
    const question = upload(body);
    const type = 'Content-Type: multipart/form-data; boundary=b0';
    return client.ask({ ...question, request: `${question.request}\n${type}${coding}`, allow: ['204'] });
  };
  assert.equal((await send(form(CLEAN))).status, 204);
  for (const reply of [
    await send(form(EICAR)),
    await send(brotliCompressSync(form(EICAR)), '\nContent-Encoding: br'),
    await send(form(gzipSync(EICAR))),
  ]) {
    assert.equal(reply.field('X-Virus-ID'), 'EICAR-Test-File');
    assert.match(reply.body.toString(), /in a\.bin/);
  }
  assert.equal((await send(form(CLEAN).subarray(0, -20))).field('X-Virus-ID'), 'damaged');
});
