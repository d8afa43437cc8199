import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ICAP_LIMITS } from '../fuzz/icap-drive.ts';
import { IcapRequestDecoder, IcapResponseDecoder, readOptions } from '../../src/protocols/icap/index.ts';
import type {
  IcapRequestEvent,
  IcapRequestHead,
  IcapResponseEvent,
  IcapResponseHead,
  IcapStop,
} from '../../src/protocols/icap/index.ts';
import { type IcapVector, RFC_VECTORS } from './icap-messages.ts';

/** In short what the codec says of a vector that arrives in these pieces. */
function summary({ asked, bytes }: IcapVector, step: number): string[] {
  const lines: string[] = [];
  let body = '';
  const decoder =
    asked === undefined ? new IcapRequestDecoder(ICAP_LIMITS) : new IcapResponseDecoder(ICAP_LIMITS);
  if (decoder instanceof IcapResponseDecoder) decoder.begin(asked!);
  const next = (): IcapRequestEvent | IcapResponseEvent | IcapStop => {
    const event = decoder.next();
    if (event.kind !== 'paused' || decoder instanceof IcapResponseDecoder) return event;
    decoder.continue();
    return decoder.next();
  };
  for (let at = 0; at < bytes.length; at += step) {
    decoder.receive(Buffer.from(bytes.subarray(at, at + step)));
    for (let event = next(); event.kind !== 'need-data'; event = next()) {
      if (event.kind === 'body') {
        body += Buffer.from(event.bytes).toString('latin1');
        continue;
      }
      if (body !== '') lines.push(`body ${JSON.stringify(body)}`);
      body = '';
      if (event.kind === 'head') lines.push(...headLines(event.head));
      else if (event.kind === 'preview-end') lines.push(event.ieof ? 'preview-end ieof' : 'preview-end');
      else {
        lines.push(event.kind);
        if (event.kind === 'violation' || event.kind === 'closed') return [...lines, JSON.stringify(event)];
      }
    }
  }
  return lines;
}

function headLines(head: IcapRequestHead | IcapResponseHead): string[] {
  const keep = head.keepAlive ? 'keep' : 'close';
  const lines: string[] = [];
  if ('method' in head) {
    const { host, path, query } = head.address;
    const preview = head.preview === undefined ? '' : ` preview ${head.preview}`;
    lines.push(
      `${head.method} ${host} ${path}${query === undefined ? '' : `?${query}`} ${keep} ${head.body}${preview}`,
    );
  } else lines.push(`${head.status} ${head.reason} ${head.istag} ${keep} ${head.body}`);
  if (head.request !== undefined) {
    assert.equal(head.request.fault, undefined);
    const { method, path, host } = head.request.head!;
    lines.push(`request ${method} ${path} ${host}`);
  }
  if (head.response !== undefined) {
    assert.equal(head.response.fault, undefined);
    const { status, reason } = head.response.head!;
    lines.push(`response ${status} ${reason}`);
  }
  return lines;
}

for (const vector of RFC_VECTORS) {
  test(`RFC 3507 ${vector.name}`, () => {
    for (const step of [Infinity, 1, 7, 64]) assert.deepEqual(summary(vector, step), vector.expected);
  });
}

test('RFC 3507 4.10.3: the options as a client reads them', () => {
  const decoder = new IcapResponseDecoder(ICAP_LIMITS);
  decoder.begin({ method: 'OPTIONS', previewed: false });
  decoder.receive(RFC_VECTORS.find(({ name }) => name.includes('the options'))!.bytes);
  const event = decoder.next();
  assert.equal(event.kind, 'head');
  assert.deepEqual(event.kind === 'head' && readOptions(event.head, 10), {
    methods: ['RESPMOD'],
    service: 'FOO Tech Server 1.0',
    serviceId: undefined,
    maxConnections: 1000,
    ttlS: 7200,
    allows204: true,
    allows206: false,
    preview: 2048,
    transferPreview: ['*'],
    transferIgnore: ['html'],
    transferComplete: ['asp', 'bat', 'exe', 'com'],
  });
});
