/** The ICAP door with clients that break rules, break off, dawdle, or are many. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ICAP_VIOLATIONS } from '../../src/protocols/icap/index.ts';
import { EICAR, IcapClient, page, upload } from '../support/icap-client.ts';
import { type IcapDoor, openIcapDoor, wrapped } from '../support/icap-door.ts';
import { talk } from '../support/proxy-door.ts';
import type { Scope } from '../support/scope.ts';
import { ICAP_CASE_LIMITS, ICAP_VIOLATION_CASES } from './icap-violation-cases.ts';

const OPTIONS = 'OPTIONS icap://gw.test/respmod ICAP/1.0\r\nHost: gw.test\r\n\r\n';
const HTTP = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
const RESPMOD = `RESPMOD icap://gw.test/respmod ICAP/1.0\r\nHost: gw.test\r\nAllow: 204\r\nEncapsulated: res-hdr=0, res-body=${HTTP.length}\r\n\r\n${HTTP}`;

describe('bad input', () => {
  test('every violation of the codec has its answer, and the connection ends', async (t) => {
    const { headBytesMax, encapsulatedBytesMax, ...http } = ICAP_CASE_LIMITS;
    const door = await openIcapDoor(t, {
      http,
      icap: {
        headBytesMax,
        encapsulatedBytesMax,
        services: [{ path: '/s', methods: 'both', profile: 'block', scan: undefined }],
      },
    });
    let count = 0;
    for (const [code, { request }] of Object.entries(ICAP_VIOLATION_CASES)) {
      if (request === undefined) continue;
      count++;
      // The key is one of the table's: the cases are a record of its keys.
      const { status } = ICAP_VIOLATIONS[code as keyof typeof ICAP_VIOLATIONS];
      const { text, end } = await said(door.port, request);
      const what = `${code}: ${text.slice(0, 300)}`;
      assert.match(text, new RegExp(`^ICAP/1\\.0 ${status} `), what);
      assert.match(text, /\r\nConnection: close\r\n/, what);
      assert.match(text, new RegExp(`\\r\\nX-Response-Info: ${code}\\r\\n`), what);
      assert.equal(end, 'fin', what);
      assert.equal(door.counted('icap_violations_total', code), 1, what);
    }
    assert.deepEqual(door.bugs, []);
    assert.equal(door.entries.length, count);
    assert.ok(door.entries.every(({ error }) => error !== undefined));
  });

  test('a fault inside of the encapsulated head is none of the message', async (t) => {
    const door = await openIcapDoor(t);
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    for (const request of [
      'PUT /upload/a.bin HTTP/1.0',
      'GET file:///vol0/share/a.bin HTTP/1.1',
      'GET ftp://files.test/a.bin HTTP/1.1\nHost: files.test',
      'POST http://a.test/ HTTP/1.1\nHost: a.test\nContent-Length: 3\nContent-Length: 3',
      'nonsense',
    ]) {
      const reply = await client.ask({
        method: 'REQMOD',
        service: '/avscan',
        request,
        body: Buffer.from('abc'),
        allow: ['204'],
      });
      assert.equal(reply.status, 204, request);
      const bad = await client.ask({
        method: 'REQMOD',
        service: '/avscan',
        request,
        body: EICAR,
        allow: ['204'],
      });
      assert.match(bad.response, /403 Forbidden/, request);
    }
    // What the lists cannot read must not pass by them.
    const hidden = await client.ask({
      method: 'REQMOD',
      service: '/avscan',
      request: 'GET http://a.test:99999/ HTTP/1.1\nHost: a.test',
      allow: ['204'],
    });
    assert.match(hidden.response, /^HTTP\/1\.1 400 /);
    assert.ok(door.entries.every(({ url }) => url !== ''));
    assert.deepEqual(door.bugs, []);
  });

  test('RESPMOD of a body alone', async (t) => {
    const door = await openIcapDoor(t);
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const alone = { method: 'RESPMOD', service: '/respmod' } as const;
    const body = randomBytes(5000);
    const reply = await client.ask({ ...alone, body });
    assert.equal(reply.status, 200);
    assert.equal(reply.field('Encapsulated'), 'res-body=0');
    assert.ok(reply.body.equals(body));
    assert.match((await client.ask({ ...alone, body: EICAR })).response, /403 Forbidden/);
    assert.equal(door.entries[0]?.url, 'icap://127.0.0.1/respmod');
  });
});

/** Says it, ends its half, and hears what there is to hear. */
async function said(
  port: number,
  text: string,
): Promise<{ readonly text: string; readonly end: 'fin' | 'reset' }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let heard = '';
  const end = new Promise<'fin' | 'reset'>((resolve) => {
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    socket.on('end', () => resolve('fin'));
    socket.on('error', () => resolve('reset'));
  });
  socket.end(Buffer.from(text, 'latin1'));
  const how = await end;
  socket.destroy();
  return { text: heard, end: how };
}

/** A body of one byte now and then, until the other side ends. */
async function trickled(
  scope: Scope,
  { port }: IcapDoor,
  head: string,
): Promise<{ readonly text: string; readonly end: 'fin' | 'reset' }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  const end = new Promise<'fin' | 'reset'>((resolve) => {
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('end', () => resolve('fin'));
    socket.on('error', () => resolve('reset'));
    socket.on('close', () => resolve('reset'));
  });
  socket.write(head);
  const trickle = setInterval(() => socket.write('1\r\nx\r\n'), 20);
  scope.after(() => clearInterval(trickle));
  const how = await end;
  clearInterval(trickle);
  socket.destroy();
  return { text, end: how };
}

describe('time', () => {
  test('a head that does not end: 408', async (t) => {
    const door = await openIcapDoor(t, { headMs: 100 });
    const { text, end } = await talk(door.port, 'OPTIONS icap://gw.test/respmod ICAP/1.0\r\nHost: ');
    assert.match(text, /^ICAP\/1\.0 408 Request Timeout\r\n/);
    assert.equal(end, 'fin');
  });

  test('a body that does not go on: 408; behind the head of an answer a reset', async (t) => {
    const door = await openIcapDoor(t, { icap: { bodyIdleMs: 1000, heldBytes: 4096 } });
    const { text } = await talk(door.port, `${RESPMOD}2\r\nab\r\n`);
    assert.match(text, /^ICAP\/1\.0 408 Request Timeout\r\n/);
    const long = RESPMOD.replace('Allow: 204\r\n', '');
    const { text: begun, end } = await talk(door.port, `${long}8000\r\n${'x'.repeat(0x8000)}\r\n`);
    assert.match(begun, /^ICAP\/1\.0 200 OK\r\n/);
    assert.doesNotMatch(begun, /\r\n0\r\n/);
    assert.equal(end, 'reset');
    await nothingLeft(door);
  });

  test('silence between requests: the connection is closed', async (t) => {
    const door = await openIcapDoor(t, { idleMs: 1000 });
    const { text, end } = await talk(door.port, OPTIONS);
    assert.match(text, /^ICAP\/1\.0 200 OK\r\n/);
    assert.doesNotMatch(text, /408/);
    assert.notEqual(end, 'open');
  });

  test('a body that trickles for longer than a request may take: 408, and nothing is left', async (t) => {
    const door = await openIcapDoor(t, { icap: { transactionMs: 300, bodyIdleMs: 30_000 } });
    const preview = RESPMOD.replace('Allow: 204\r\n', 'Allow: 204\r\nPreview: 100000\r\n');
    for (const [at, head] of [RESPMOD, RESPMOD.replace('Allow: 204\r\n', ''), preview].entries()) {
      const { text, end } = await trickled(t, door, head);
      assert.match(text, /^ICAP\/1\.0 408 Request Timeout\r\n/);
      assert.match(text, /\r\nConnection: close\r\n/);
      assert.match(text, /\r\nX-Response-Info: ICAP_TOO_SLOW\r\n/);
      assert.doesNotMatch(text, /ICAP\/1\.0 20/);
      assert.equal(end, 'fin');
      await door.finished(at + 1);
      assert.deepEqual([door.entries[at]?.status, door.entries[at]?.error], [408, 'ICAP_TOO_SLOW']);
    }
    assert.equal(door.counted('icap_requests_total', 'RESPMOD', 'rejected'), 3);
    await nothingLeft(door);
    await works(door);
  });

  test('and behind the head of an answer it is cut off', async (t) => {
    const door = await openIcapDoor(t, {
      icap: { transactionMs: 3000, bodyIdleMs: 30_000, heldBytes: 4096 },
    });
    const begun = `${RESPMOD.replace('Allow: 204\r\n', '')}8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const { text, end } = await trickled(t, door, begun);
    assert.match(text, /^ICAP\/1\.0 200 OK\r\n/);
    assert.doesNotMatch(text, /408|\r\n0\r\n/);
    assert.equal(end, 'reset');
    await door.finished(1);
    assert.equal(door.counted('icap_requests_total', 'RESPMOD', 'cut'), 1);
    await nothingLeft(door);
  });

  test('a slow verdict: the client of a streamed answer gets bytes meanwhile, and all of them at last', async (t) => {
    const gate = Promise.withResolvers<void>();
    const door = await openIcapDoor(t, {
      icap: { heldBytes: 4096, keepAliveMs: 20 },
      wrapScan: (engine) =>
        wrapped(engine, async (scan) => {
          await gate.promise;
          return scan.finish();
        }),
    });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const body = randomBytes(100_000);
    const asked = client.ask(page(body));
    let before = 0;
    for (let turn = 0; turn < 1500; turn++) {
      await sleep(20);
      const now = client.socket.bytesRead;
      if (now > 96_000 && now > before && before > 96_000) break;
      before = now;
    }
    assert.ok(client.socket.bytesRead > 96_000, 'all but the end is out');
    assert.ok(client.socket.bytesRead < 100_000 + 500, 'the end is not');
    gate.resolve();
    assert.ok((await asked).body.equals(body));
  });

  test('a client that never reads does not hold more than its window', async (t) => {
    const door = await openIcapDoor(t, { icap: { bodyIdleMs: 200, heldBytes: 65_536 }, idleMs: 200 });
    const socket = connect(door.port, '127.0.0.1');
    socket.on('error', () => undefined);
    t.after(() => void socket.destroy());
    socket.pause();
    socket.write(RESPMOD.replace('Allow: 204\r\n', ''));
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x10_0000), Buffer.from('\r\n')]);
    for (let turn = 0; turn < 40 && !socket.destroyed; turn++) socket.write(chunk);
    await door.finished(1);
    await nothingLeft(door);
    assert.deepEqual(door.bugs, []);
  });
});

describe('load', () => {
  test('as many bodies as it may: 503', async (t) => {
    const door = await openIcapDoor(t, { icap: { transactionsMax: 1 } });
    const first = await IcapClient.open(door.port);
    const second = await IcapClient.open(door.port);
    t.after(() => {
      first.close();
      second.close();
    });
    first.socket.write(RESPMOD);
    while (door.counted('icap_bodies') === 0) await sleep(5);
    const refused = await second.ask(page(Buffer.from('abc')));
    assert.equal(refused.status, 503);
    assert.equal(refused.field('X-Response-Info'), 'ICAP_BUSY');
    first.close();
    await door.finished(2);
    await nothingLeft(door);
  });

  test('held bytes of all bodies are bounded: a smaller window, and the same body', async (t) => {
    const door = await openIcapDoor(t, { icap: { heldBytes: 1_048_576, heldTotal: 1_048_576 } });
    const clients = await Promise.all(Array.from({ length: 8 }, () => IcapClient.open(door.port)));
    t.after(() => {
      for (const client of clients) client.close();
    });
    const body = randomBytes(2_000_000);
    const replies = await Promise.all(clients.map((client) => client.ask(page(body))));
    for (const reply of replies) assert.ok(reply.body.equals(body));
    await nothingLeft(door);
  });

  test('our own fault: 500, and nothing else of the door', async (t) => {
    const door = await openIcapDoor(t, {
      wrapScan: (engine) => wrapped(engine, () => Promise.reject(new Error('a bug for the test'))),
    });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const reply = await client.ask(page(Buffer.from('abc'), { allow: ['204'] }));
    assert.equal(reply.status, 500);
    assert.equal(reply.field('Connection'), 'close');
    assert.equal(door.bugs[0], 'icap.bug');
    assert.equal(door.counted('icap_bodies'), 0);
    await works(door);
  });
});

/** Log lines are written before memory is freed: it is, in the next moment. */
async function nothingLeft(door: IcapDoor): Promise<void> {
  for (let turn = 0; turn < 3000 && door.counted('icap_bodies') !== 0; turn++) await sleep(10);
  assert.equal(door.counted('icap_bodies'), 0);
  assert.equal(door.counted('icap_held_bytes'), 0);
}

async function works(door: IcapDoor): Promise<void> {
  const client = await IcapClient.open(door.port);
  assert.equal((await client.ask({ method: 'OPTIONS', service: '/respmod' })).status, 200);
  client.close();
}

describe('connections', () => {
  test('pipelined requests are answered in their order', async (t) => {
    const door = await openIcapDoor(t);
    const post = `${RESPMOD}5\r\nhello\r\n0\r\n\r\n`;
    const { text } = await talk(door.port, [`${OPTIONS}${post}${post}${OPTIONS}`], /(?:ICAP\/1\.0[^]*){4}/);
    assert.deepEqual(
      [...text.matchAll(/ICAP\/1\.0 (\d+)/g)].map(([, status]) => status),
      ['200', '204', '204', '200'],
    );
  });

  test('a client that ends its half gets its answer', async (t) => {
    const door = await openIcapDoor(t);
    const { text, end } = await said(door.port, `${RESPMOD}5\r\nhello\r\n0\r\n\r\n`);
    assert.match(text, /^ICAP\/1\.0 204 /);
    assert.equal(end, 'fin');
    const cut = await said(door.port, `${RESPMOD}5\r\nhel`);
    assert.match(cut.text, /^ICAP\/1\.0 400 [^]*ICAP_CUT_BODY/);
  });

  test('draining: the answer says that it is the last', async (t) => {
    const door = await openIcapDoor(t);
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const body = randomBytes(300_000);
    assert.equal((await client.ask(page(body))).field('Connection'), 'keep-alive');
    door.drain();
    const last = await client.ask(page(body));
    assert.equal(last.field('Connection'), 'close');
    assert.ok(last.body.equals(body));
    await assert.rejects(client.ask(page(body)));
  });

  test('every chunk of every size, one byte at a time', async (t) => {
    const door = await openIcapDoor(t);
    const body = 'q=1; name="x"\r\n';
    const chunk = body
      .split('')
      .map((byte) => `1;ext=1\r\n${byte}\r\n`)
      .join('');
    const bytes = `${RESPMOD.replace('Allow: 204\r\n', '')}${chunk}0\r\n\r\n`;
    const { text } = await talk(door.port, bytes.split(''), /\r\n0\r\n\r\n$/);
    assert.match(text, /^ICAP\/1\.0 200 OK\r\n/);
    const chunks = [...text.slice(text.indexOf('Content-Length')).matchAll(/\r\n([0-9a-f]+)\r\n/g)];
    assert.ok(chunks.length > 0);
  });
});

describe('who asks', () => {
  const fields: readonly (readonly [string, string])[] = [
    ['X-Client-IP', '10.1.2.3'],
    ['X-Authenticated-User', Buffer.from('WinNT://CORP/anna').toString('base64')],
  ];

  test('a client that is trusted speaks for others; another one only for itself', async (t) => {
    const trusted = await openIcapDoor(t, { icap: { trustedClients: ['127.0.0.0/8'] } });
    const other = await openIcapDoor(t);
    for (const door of [trusted, other]) {
      const client = await IcapClient.open(door.port);
      await client.ask(upload(Buffer.from('abc'), { fields, allow: ['204'] }));
      client.close();
    }
    assert.equal(trusted.entries[0]?.source, '10.1.2.3');
    assert.equal(trusted.entries[0]?.user, 'CORP\\anna');
    assert.equal(other.entries[0]?.source, '127.0.0.1');
    assert.equal(other.entries[0]?.user, undefined);
  });

  test('addresses of clients in every form: read, or the sender stands for them', async (t) => {
    const door = await openIcapDoor(t, { icap: { trustedClients: ['127.0.0.0/8'] } });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const forms = [
      ['2001:DB8:0:0::1', '2001:db8::1'],
      ['[2001:db8::1]', '2001:db8::1'],
      ['::ffff:10.1.2.3', '10.1.2.3'],
      ['::FFFF:a01:203', '10.1.2.3'],
      ['fe80::1%eth0', 'fe80::1'],
      ['2001:db8::1, 10.1.2.3', '127.0.0.1'],
      ['10.1.2.3:4711', '127.0.0.1'],
      ['[2001:db8::1', '127.0.0.1'],
      [':'.repeat(5000), '127.0.0.1'],
    ] as const;
    for (const [form] of forms) {
      const own = [['X-Client-IP', form]] as const;
      assert.equal(
        (await client.ask(upload(Buffer.from('abc'), { fields: own, allow: ['204'] }))).status,
        204,
      );
    }
    assert.deepEqual(
      door.entries.map(({ source }) => source),
      forms.map(([, expected]) => expected),
    );
  });
});
