import type { Asked } from '../../src/protocols/icap/index.ts';
import { RFC_VECTORS } from '../wire/icap-messages.ts';
import { ICAP_VIOLATION_CASES } from '../wire/icap-violation-cases.ts';
import { latin1 } from './http1-drive.ts';

/** Streams of ICAP messages, most of them nearly right: what a parser meets before it meets noise. */

export const ASKED: readonly Asked[] = [
  { method: 'REQMOD', previewed: true },
  { method: 'RESPMOD', previewed: true },
  { method: 'OPTIONS', previewed: false },
  { method: 'RESPMOD', previewed: false },
  { method: 'REQMOD', previewed: false },
];

export interface IcapCorpus {
  readonly requests: readonly Buffer[];
  readonly responses: readonly Buffer[];
}

/** The messages of the RFC and those that earn a violation. */
export function icapCorpus(): IcapCorpus {
  const cases = Object.values(ICAP_VIOLATION_CASES);
  const texts = (role: 'request' | 'response'): Buffer[] =>
    cases.flatMap((each) => (each[role] === undefined ? [] : [latin1(each[role])]));
  return {
    requests: [...RFC_VECTORS.flatMap(({ asked, bytes }) => (asked ? [] : [bytes])), ...texts('request')],
    responses: [...RFC_VECTORS.flatMap(({ asked, bytes }) => (asked ? [bytes] : [])), ...texts('response')],
  };
}

type Random = () => number;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

const REQUEST_HEADS = [
  'GET http://www.a.test/x?y HTTP/1.1\r\nHost: www.a.test\r\n\r\n',
  'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n',
  // c-icap-client: HTTP/1.0, Content-Length twice.
  'POST http://a.test/form HTTP/1.0\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n',
  // Nextcloud.
  'PUT / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n',
  'GET / HTTP/1.1\nHost: a\n\n',
  'GET / HTTP/1.1\r\nX\0: y\r\n\r\n',
];
const RESPONSE_HEADS = [
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n',
  'HTTP/1.0 200\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX Y: z\r\n\r\n',
];

function chunks(random: Random): string {
  let text = '';
  for (let count = Math.floor(random() * 4); count > 0; count--) {
    const size = 1 + Math.floor(random() * 12);
    text += `${size.toString(16)}${pick(random, ['', '', ';a=b', ' ; q="x;y"', '; ieof'])}\r\n${'x'.repeat(size)}\r\n`;
  }
  const last = pick(random, ['0', '0', '0; ieof', '0;ieof', '00', '0; use-original-body=7', '0; x=y; ieof']);
  return `${text}${last}\r\n${pick(random, ['', '', '', 'X-Sum: 1\r\n', 'Host: a\r\n'])}\r\n`;
}

function encapsulation(random: Random, method: string): { readonly line: string; readonly text: string } {
  const sections: string[] = [];
  let text = '';
  const add = (name: string, head: string): void => {
    sections.push(`${name}=${text.length}`);
    text += head;
  };
  if (method !== 'OPTIONS' && random() < 0.8) add('req-hdr', pick(random, REQUEST_HEADS));
  if (method === 'RESPMOD' && random() < 0.8) add('res-hdr', pick(random, RESPONSE_HEADS));
  const own = method === 'OPTIONS' ? 'opt-body' : method === 'REQMOD' ? 'req-body' : 'res-body';
  const body = pick(random, [own, own, 'null-body', pick(random, ['req-body', 'res-body'])]);
  const offset = text.length + (random() < 0.05 ? pick(random, [-1, 1, 40]) : 0);
  sections.push(`${body}=${offset}`);
  const separator = pick(random, [', ', ', ', ',', ' , ']);
  return {
    line: `Encapsulated: ${sections.join(separator)}\r\n`,
    text: text + (body === 'null-body' ? '' : chunks(random)),
  };
}

export function generateIcapRequests(random: Random): Buffer {
  let text = '';
  for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
    const method = pick(random, ['OPTIONS', 'REQMOD', 'RESPMOD', 'RESPMOD']);
    const { line, text: rest } = encapsulation(random, method);
    const target = pick(random, ['icap://a.test/s', 'icap://a.test:1344/s?x=y', 'icaps://[::1]/', '/avscan']);
    const fields = [
      'Host: a.test\r\n',
      pick(random, ['', 'Allow: 204\r\n', 'Allow: 204, 206, trailers\r\n']),
      pick(random, ['', 'Preview: 0\r\n', 'Preview: 12\r\n', 'Preview: 1024\r\n']),
      method === 'OPTIONS' && random() < 0.7 ? '' : line,
      pick(random, ['', '', '', 'Connection: close\r\n']),
    ];
    const isBare = method === 'OPTIONS' && !fields.includes(line);
    text += `${method} ${target} ICAP/1.0\r\n${fields.join('')}\r\n${isBare ? '' : rest}`;
  }
  return latin1(text);
}

export function generateIcapResponses(random: Random): Buffer {
  let text = '';
  for (const { method, previewed } of ASKED.slice(0, 1 + Math.floor(random() * ASKED.length))) {
    if (previewed && random() < 0.5) text += 'ICAP/1.0 100 Continue\r\n\r\n';
    const status = pick(random, ['200 OK', '204 Unmodified', '206 Partial Content', '404 Not Found', '500']);
    const { line, text: rest } = encapsulation(random, method);
    const has = !status.startsWith('204') && random() < 0.8;
    const istag = pick(random, ['', 'ISTag: "a-1"\r\n', 'ISTag: a-1\r\n']);
    text += `ICAP/1.0 ${status}\r\n${istag}${has ? line : ''}\r\n${has ? rest : ''}`;
  }
  return latin1(text);
}
