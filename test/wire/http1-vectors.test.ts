import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { latin1, requestTranscript, responseTranscript } from '../fuzz/http1-drive.ts';
import { DIFFERENCES } from './http1-differences.ts';

/**
 * llhttp's own test vectors, those for its strict mode. Where the two parsers are not of one mind, the difference
 * stands in `DIFFERENCES` with its reason: one that is not listed fails, and so does a listed one that is gone.
 */

interface Vector {
  readonly file: string;
  readonly name: string;
  readonly meta: { readonly type?: string };
  readonly input_b64: string;
  readonly log: readonly string[];
  readonly error: string | null;
}

const DATA = process.env['SALLYPORT_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data');
const FILE = resolve(DATA, '07-traffic/http_malformed/llhttp_vectors.json.gz');
const skip = existsSync(FILE) ? false : 'SALLYPORT_DATA: no http_malformed/llhttp_vectors.json.gz';

test('llhttp vectors: the same messages, or a difference with a reason', { skip }, () => {
  // The file was made for this: an array of the interface above.
  const vectors = JSON.parse(gunzipSync(readFileSync(FILE)).toString('utf8')) as readonly Vector[];
  const strict = vectors.filter(({ meta }) => /^(request|response)(-finish)?$/.test(meta.type ?? ''));
  assert.equal(strict.length, 143);
  const found: Record<string, string> = {};
  for (const vector of strict) {
    const outcome = compare(vector);
    if (outcome !== undefined) found[keyOf(vector)] = outcome;
  }
  const listed = Object.fromEntries(Object.entries(DIFFERENCES).map(([key, [outcome]]) => [key, outcome]));
  assert.deepEqual(found, listed);
});

function keyOf(vector: Vector): string {
  return `${vector.file.replace(/^test\/|\.md$/g, '')}: ${vector.name.split(' / ').at(-1)}`;
}

/** `undefined`: both say the same. Else how we differ. */
function compare(vector: Vector): string | undefined {
  const expected = expectedOf(vector);
  const ours = oursOf(vector, expected.refused);
  if (expected.refused)
    return ours.violation === undefined ? `accepted ${ours.messages.join(' ')}` : undefined;
  if (ours.violation !== undefined) return ours.violation;
  const left = JSON.stringify(expected.messages);
  const right = JSON.stringify(ours.messages);
  return left === right ? undefined : `${right} instead of ${left}`;
}

interface Outcome {
  readonly messages: readonly string[];
  readonly violation: string | undefined;
}

function oursOf(vector: Vector, end: boolean): Outcome {
  const isRequest = vector.meta.type?.startsWith('request') === true;
  let input = Buffer.from(vector.input_b64, 'base64').toString('latin1');
  const run = (): readonly string[] =>
    isRequest
      ? requestTranscript([latin1(input)], { end })
      : responseTranscript(
          Array.from({ length: 9 }, () => 'GET'),
          [latin1(input)],
          { end },
        );
  let lines: readonly string[] = run();
  // Most vectors have no Host, which llhttp leaves to its caller.
  if (lines.some((line) => line.includes('HTTP1_MISSING_HOST'))) {
    input = input.replaceAll(' HTTP/1.1\r\n', ' HTTP/1.1\r\nHost: vector.test\r\n');
    lines = run();
  }
  // Behind CONNECT the bytes are the tunnel's.
  const connect = lines.findIndex((line) => line.startsWith('head {"method":"CONNECT"'));
  if (connect >= 0) lines = lines.slice(0, connect + 1);
  const violation = lines.find((line) => line.startsWith('violation'))?.split(' ')[1];
  return { messages: lines.flatMap(messageLine), violation };
}

function messageLine(line: string): string[] {
  if (line.startsWith('body'))
    return [`body ${Buffer.byteLength(JSON.parse(line.slice(5)) as string, 'latin1')}`];
  if (!line.startsWith('head')) return [];
  const head = JSON.parse(line.slice(5)) as { method?: string; status?: number; bytes: string };
  if (head.method === undefined) return [`status ${head.status}`];
  return [`${head.method} ${head.bytes.split(' ')[1]}`];
}

/** What llhttp's event log says, as far as the two parsers can be compared: start lines and sizes of bodies. */
function expectedOf(vector: Vector): { readonly refused: boolean; readonly messages: readonly string[] } {
  const messages: string[] = [];
  let method = '';
  let url = '';
  let body = 0;
  const flush = (): void => {
    if (body > 0) messages.push(`body ${body}`);
    body = 0;
  };
  const input = Buffer.from(vector.input_b64, 'base64');
  for (const line of vector.log) {
    const span = /^off=(\d+) len=(\d+) span\[(\w+)\]/.exec(line);
    const text = span === null ? '' : spanText(input, Number(span[1]), Number(span[2]));
    if (span?.[3] === 'method') method = text;
    else if (span?.[3] === 'url') url += text;
    else if (span?.[3] === 'body') body += Number(span[2]);
    else if (line.includes('headers complete')) {
      const status = /status=(\d+)/.exec(line);
      flush();
      messages.push(status === null || status[1] === '0' ? `${method} ${url}` : `status ${status[1]}`);
      url = '';
    } else if (line.includes('message complete')) flush();
  }
  flush();
  // 22: it stops for CONNECT or an upgrade. 5: bytes behind a message that says close, which is the caller's business here.
  const refused = vector.error !== null && !/code=(22|5) /.test(vector.error);
  return { refused, messages };
}

function spanText(input: Buffer, offset: number, length: number): string {
  return input.toString('latin1', offset, offset + length);
}
