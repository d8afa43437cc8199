/** A reload under ICAP clients: what is open is finished, and what is kept hears that this answer was the last. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { IcapClient } from '../support/icap-client.ts';
import { patternBytes } from '../support/pattern.ts';
import { scopeOf } from '../support/scope.ts';

const OPTIONS = { method: 'OPTIONS', service: '/respmod' } as const;
const HTTP = 'HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n';
const RESPMOD = [
  'RESPMOD icap://gateway/respmod ICAP/1.0',
  'Host: gateway',
  `Encapsulated: res-hdr=0, res-body=${HTTP.length}`,
  '',
  HTTP,
].join('\r\n');

test('a reload: an open transaction is finished, a kept connection is ended in order, a new one is served', async (t) => {
  const scope = scopeOf(t);
  const gateway = await startGateway(scope, { config: { drain: { idle: '2m' } } });
  const port = gateway.ports.icap!;
  const kept = await IcapClient.open(port);
  scope.after(() => kept.close());
  assert.equal((await kept.ask(OPTIONS)).field('Connection'), 'keep-alive');

  // The half of a body is with the old edge when the new one takes over.
  const body = patternBytes(0, 200_000);
  const busy = connect(port, '127.0.0.1');
  scope.after(() => void busy.destroy());
  const got: Buffer[] = [];
  busy.on('data', (chunk) => got.push(chunk));
  const over = once(busy, 'end');
  busy.write(RESPMOD);
  busy.write(chunkOf(body.subarray(0, 100_000)));
  while (!/^sallyport_icap_bodies 1$/m.test(await gateway.metrics())) await new Promise(setImmediate);

  await gateway.ask('reload');
  const last = await kept.ask(OPTIONS);
  assert.deepEqual([last.status, last.field('Connection')], [200, 'close']);
  await once(kept.socket, 'close');

  busy.write(Buffer.concat([chunkOf(body.subarray(100_000)), Buffer.from('0\r\n\r\n')]));
  await over;
  const text = Buffer.concat(got).toString('latin1');
  assert.match(text, /^ICAP\/1\.0 200 OK\r\n/);
  assert.match(text, /\r\nConnection: close\r\n/);
  assert.ok(text.endsWith('0\r\n\r\n'), 'the answer is whole');
  assert.ok(Buffer.concat(got).length > body.length);

  const fresh = await IcapClient.open(port);
  scope.after(() => fresh.close());
  assert.equal((await fresh.ask(OPTIONS)).field('Connection'), 'keep-alive');
});

function chunkOf(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}
