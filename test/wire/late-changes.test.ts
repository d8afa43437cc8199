/** Changes of heads, and details of the log, by rules that fit only when the body is known. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { IcapClient, page, upload } from '../support/icap-client.ts';
import { openIcapDoor } from '../support/icap-door.ts';
import { policyOf } from '../support/policy.ts';
import { openProxyDoor, openRawOrigin, talk } from '../support/proxy-door.ts';

const SHORT = Buffer.from('a text that nobody minds');
const LONG = Buffer.alloc(400_000, 'a text that nobody minds ');
const FITS = 'when: { file-type: text, file-verdict: clean }';
const OF_ANSWER = `${FITS}, then: { log: full, headers: { response: { set: { X-Scanned: "yes" }, remove: [Server] } } }`;
const OF_REQUEST = `${FITS}, then: { log: full, headers: { request: { set: { X-Scanned: "yes" }, remove: [X-Secret] } } }`;
/** Fits at the head, and comes after: the first rule that says something of a field stays. */
const AT_HEAD = 'then: { headers: { response: { set: { X-Scanned: "no", X-Head: "1" } } } }';
const LATE_ANSWER =
  'not changed, because the head had gone before the body was known: Server of the response, X-Scanned of the response';

function serving(body: Buffer) {
  const head = `HTTP/1.1 200 OK\r\nServer: secret/1.0\r\nX-Kept: yes\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`;
  return openRawOriginOf(head + body.toString('latin1'));
}

function openRawOriginOf(answer: string) {
  return (t: Parameters<typeof openRawOrigin>[0]) =>
    openRawOrigin(t, (socket) => socket.on('data', () => socket.write(answer, 'latin1')));
}

function ask(port: number): string {
  return `GET http://127.0.0.1:${port}/a.txt HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: tester/1\r\n\r\n`;
}

test('8080: a held answer gets the fields, and the log what a rule wants of it', async (t) => {
  const door = await openProxyDoor(t, { policy: await policyOf([OF_ANSWER, AT_HEAD]), scans: true });
  const origin = await serving(SHORT)(t);
  const { text } = await talk(door.port, ask(origin.port), /minds$/);
  assert.match(text, /\r\nX-Scanned: yes\r\n/);
  assert.match(text, /\r\nX-Head: 1\r\n/);
  assert.match(text, /\r\nX-Kept: yes\r\n/);
  assert.doesNotMatch(text, /Server:|X-Scanned: no/);
  await door.finished(1);
  const { more } = door.entries[0]!;
  assert.equal(more?.userAgent, 'tester/1');
  assert.equal(more?.mediaType, 'text/plain');
  assert.equal(more?.unchanged, undefined);
});

test('8080: of an answer whose head has gone it is told that it was not changed', async (t) => {
  const policy = await policyOf([OF_ANSWER]);
  const door = await openProxyDoor(t, { policy, scans: true, forwardProxy: { heldBytes: 4096 } });
  const origin = await serving(LONG)(t);
  const { text } = await talk(door.port, ask(origin.port), new RegExp(`\\r\\n\\r\\n[^]{${LONG.length}}$`));
  assert.match(text, /\r\nServer: secret/);
  assert.doesNotMatch(text, /X-Scanned/);
  await door.finished(1);
  assert.equal(door.entries[0]?.more?.unchanged, LATE_ANSWER);
  const holds = await openProxyDoor(t, {
    policy,
    scans: true,
    forwardProxy: { heldBytes: 4096, largeBodies: 'hold' },
  });
  const held = await talk(holds.port, ask(origin.port), new RegExp(`\\r\\n\\r\\n[^]{${LONG.length}}$`));
  assert.match(held.text, /\r\nX-Scanned: yes\r\n/);
});

test('8080: a request gets them when its body has been looked at, unless the server must see its head before', async (t) => {
  const door = await openProxyDoor(t, { policy: await policyOf([OF_REQUEST]), scans: true });
  const origin = await openRawOrigin(t, (socket) => {
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
      if (got.includes('Expect:') && got.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      if (!got.endsWith('minds')) return;
      got = '';
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  const post = (more: string): string =>
    `POST http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\nUser-Agent: tester/1\r\nX-Secret: 1\r\nX-Kept: yes\r\n${more}Content-Length: ${SHORT.length}\r\n\r\n`;
  await talk(door.port, post('') + SHORT.toString(), /ok$/);
  await door.finished(1);
  assert.match(origin.received[0]!, /^POST \/ HTTP\/1\.1\r\n/);
  assert.match(origin.received[0]!, /\r\nX-Scanned: yes\r\n/);
  assert.match(origin.received[0]!, /\r\nX-Kept: yes\r\n/);
  assert.doesNotMatch(origin.received[0]!, /X-Secret/);
  assert.ok(origin.received[0]!.endsWith(`\r\n\r\n${SHORT.toString()}`));
  assert.equal(door.entries[0]?.more?.userAgent, 'tester/1');
  const expecting = post('Expect: 100-continue\r\n');
  const socket = connect(door.port, '127.0.0.1');
  t.after(() => void socket.destroy());
  socket.write(expecting);
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 100 Continue/);
  socket.write(SHORT);
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 200 OK/);
  await door.finished(2);
  assert.match(origin.received.join(''), /X-Secret: 1/);
  assert.match(door.entries[1]?.more?.unchanged ?? '', /X-Secret of the request, X-Scanned of the request$/);
});

test('ICAP: the answer with its new head, as 206, from what the scan kept, or from what is held', async (t) => {
  const door = await openIcapDoor(t, { policy: await policyOf([OF_ANSWER]) });
  const client = await IcapClient.open(door.port);
  t.after(() => client.close());
  const fields = 'Server: secret/1.0\nX-Kept: yes\nContent-Type: text/plain';
  const of = (body: Buffer, more = {}) => {
    const question = page(body, more);
    return {
      ...question,
      request: `${question.request}\nUser-Agent: tester/1`,
      response: question.response!.replace('Content-Type: application/octet-stream', fields),
    };
  };
  const asked = [
    of(SHORT),
    of(SHORT, { allow: ['204'] }),
    of(SHORT, { allow: ['204'], preview: 4096 }),
    of(SHORT, { preview: 4 }),
    of(LONG, { allow: ['204'], preview: 4096 }),
    of(LONG),
    of(LONG, { allow: ['204', '206'], preview: 4096 }),
  ];
  for (const [at, question] of asked.entries()) {
    const reply = await client.ask(question);
    const isPartial = question.allow?.includes('206') === true;
    assert.equal(reply.status, isPartial ? 206 : 200, String(at));
    assert.match(reply.response, /\r\nX-Scanned: yes\r\n/);
    assert.match(reply.response, /\r\nX-Kept: yes\r\n/);
    assert.doesNotMatch(reply.response, /Server:/);
    if (isPartial) assert.equal(reply.originalBodyFrom, 0);
    else assert.ok(reply.body.equals(question.body!), String(at));
    await door.finished(at + 1);
    assert.deepEqual(
      [door.entries[at]?.more?.userAgent, door.entries[at]?.more?.mediaType],
      ['tester/1', 'text/plain'],
    );
  }
  assert.equal(door.counted('icap_requests_total', 'RESPMOD', 'modified'), asked.length);
  assert.deepEqual(door.bugs, []);
});

test('ICAP: behind the head of an answer it is told that it was not changed', async (t) => {
  const door = await openIcapDoor(t, { policy: await policyOf([OF_ANSWER]), icap: { heldBytes: 4096 } });
  const client = await IcapClient.open(door.port);
  t.after(() => client.close());
  const reply = await client.ask(page(LONG));
  assert.ok(reply.body.equals(LONG));
  assert.doesNotMatch(reply.response, /X-Scanned/);
  await door.finished(1);
  assert.equal(door.entries[0]?.more?.unchanged, LATE_ANSWER);
  // What the scan could not keep cannot go behind another head: the client takes its own.
  const small = await openIcapDoor(t, {
    policy: await policyOf([
      'when: { size: { min: 1KiB } }, then: { headers: { response: { set: { X-Big: "1" } } } }',
    ]),
    scan: { bytesMax: 100_000 },
    icap: { incomplete: 'allow' },
  });
  const other = await IcapClient.open(small.port);
  t.after(() => other.close());
  const kept = await other.ask({
    ...page(randomBytes(200_000)),
    response: 'HTTP/1.1 200 OK',
    allow: ['204'],
  });
  assert.equal(kept.status, 204);
  await small.finished(1);
  assert.match(small.entries[0]?.more?.unchanged ?? '', /X-Big of the response$/);
});

test('ICAP: a request that is sent on, with its new head', async (t) => {
  const door = await openIcapDoor(t, {
    policy: await policyOf([OF_REQUEST, `${FITS}, then: { log: none }`]),
  });
  const client = await IcapClient.open(door.port);
  t.after(() => client.close());
  const question = upload(SHORT, { allow: ['204'] });
  const reply = await client.ask({ ...question, request: `${question.request}\nX-Secret: 1` });
  assert.equal(reply.status, 200);
  assert.match(reply.request, /\r\nX-Scanned: yes\r\n/);
  assert.doesNotMatch(reply.request, /X-Secret/);
  assert.ok(reply.body.equals(SHORT));
  const quiet = await openIcapDoor(t, { policy: await policyOf([`${FITS}, then: { log: none }`]) });
  const other = await IcapClient.open(quiet.port);
  t.after(() => other.close());
  assert.equal((await other.ask(question)).status, 204);
  await other.ask({ method: 'OPTIONS', service: '/reqmod' });
  await quiet.finished(1);
  assert.deepEqual(
    quiet.entries.map(({ method }) => method),
    ['OPTIONS'],
    'nothing of the first is in the log',
  );
});
