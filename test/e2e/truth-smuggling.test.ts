/** Request smuggling: whatever is ambiguous is refused and counted, and what reaches the origin has one meaning. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { text } from '../support/behaviours.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { startOrigin } from '../support/origin.ts';
import type { Origin } from '../support/origin.ts';
import { metricSum, settledMetrics } from '../support/prometheus.ts';
import { openRaw } from '../support/raw-client.ts';
import { openScope } from '../support/scope.ts';
import { missingData, testData } from '../support/test-data.ts';

const VECTORS = '07-traffic/http_malformed/smuggling_requests.json.gz';
const REQUESTS = 'sallyport_forward_proxy_requests_total';
const VIOLATIONS = 'sallyport_forward_proxy_violations_total';

interface Vector {
  readonly id: string;
  readonly class: string;
  readonly raw_b64: string;
}

describe('smuggling', { skip: missingData(VECTORS) }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let origin: Origin;

  before(async () => {
    origin = await startOrigin(scope, { '/': text('reached'), '/next': text('next') });
    gateway = await startGateway(scope, { config: { egress: { allowDestinations: ['127.0.0.0/8'] } } });
  });
  after(() => scope.close());

  test('471 vectors: refused and counted, or forwarded with one framing', async () => {
    const vectors = readVectors();
    assert.ok(vectors.length > 400, `only ${vectors.length} vectors`);
    const before_ = await settledMetrics(gateway);
    let refused = 0;
    let forwarded = 0;
    const wrong: string[] = [];
    for (const vector of vectors) {
      const seen = origin.connections.map(({ bytes }) => bytes);
      const client = await openRaw(gateway.proxyPort);
      client.send(aimed(vector, origin));
      // A message that the gateway takes for longer than it is gets its end.
      const timer = setTimeout(() => client.socket.end(), 1000);
      const answer = await client.response({ method: 'POST' });
      clearTimeout(timer);
      client.socket.destroy();
      const reached = arrived(origin, seen);
      if (answer.status === 200) forwarded++;
      else refused++;
      const problem = answer.status === 200 ? ambiguity(reached) : leaked(reached);
      if (problem !== undefined) wrong.push(`${vector.id} (${answer.status}): ${problem}`);
      if (!answer.complete) wrong.push(`${vector.id}: no whole answer: ${JSON.stringify(answer.head)}`);
    }
    assert.deepEqual(wrong, []);
    const after_ = await settledMetrics(gateway);
    const counted = (name: string, labels: Readonly<Record<string, string>>): number =>
      metricSum(after_, name, labels) - metricSum(before_, name, labels);
    assert.equal(refused + forwarded, vectors.length);
    assert.ok(refused > 300, `only ${refused} refused`);
    // A body that breaks only after its head went on is a failed exchange with a violation of the client.
    assert.equal(
      counted(REQUESTS, { result: 'rejected' }) + counted(REQUESTS, { result: 'failed' }),
      refused,
    );
    assert.equal(counted(VIOLATIONS, { side: 'client' }), refused);
    assert.equal(counted(REQUESTS, { result: 'forwarded' }), forwarded);
  });

  test('a refused request takes what is pipelined behind it along', async () => {
    const before_ = origin.requests.length;
    const client = await openRaw(gateway.proxyPort);
    const host = `127.0.0.1:${origin.port}`;
    client.send(
      `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n` +
        `GET http://${host}/next HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    );
    const all = (await client.rest()).toString('latin1');
    assert.match(all, /^HTTP\/1\.1 400 /);
    assert.equal(all.match(/HTTP\/1\.1 /g)?.length, 1, 'the pipelined request was answered');
    assert.equal(origin.requests.length, before_);
  });
});

function readVectors(): readonly Vector[] {
  // The shape is described in the README of the data.
  return JSON.parse(testData(VECTORS)?.toString('utf8') ?? '[]') as readonly Vector[];
}

/** The vectors are for an origin server: the same bytes for a proxy, at our origin. */
function aimed(vector: Vector, origin: Origin): Buffer {
  const bytes = Buffer.from(vector.raw_b64, 'base64').toString('latin1');
  const host = `127.0.0.1:${origin.port}`;
  const target = bytes.replace(/^POST \/ /, `POST http://${host}/ `).replaceAll('origin.test', host);
  return Buffer.from(target, 'latin1');
}

/** What came to the origin since. */
function arrived(origin: Origin, seen: readonly number[]): string {
  return origin.connections.map(({ raw }, at) => raw.toString('latin1', seen[at] ?? 0)).join('');
}

/** RFC 9112 §6.3, judged by other eyes than the gateway's: clean lines, one framing, and a body that fits it. */
function ambiguity(bytes: string): string | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return `no head reached the origin: ${JSON.stringify(bytes)}`;
  const [startLine = '', ...lines] = bytes.slice(0, end).split('\r\n');
  const body = bytes.slice(end + 4);
  if (!/^POST \/ HTTP\/1\.1$/.test(startLine)) return `start line ${JSON.stringify(startLine)}`;
  const odd = lines.find((line) => !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*[\t -~\x80-\xff]*$/.test(line));
  if (odd !== undefined) return `field line ${JSON.stringify(odd)}`;
  const values = (name: string): readonly string[] =>
    lines
      .filter((line) => line.toLowerCase().startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trim());
  const lengths = values('content-length');
  const codings = values('transfer-encoding');
  if (values('host').length !== 1) return `${values('host').length} Host fields`;
  if (lengths.length + codings.length > 1) return `lengths ${lengths.join()} and codings ${codings.join()}`;
  if (codings.length === 1) {
    if (codings[0]?.toLowerCase() !== 'chunked') return `coding ${codings[0]}`;
    return /^([0-9a-f]+\r\n[^]*\r\n)?0\r\n([^\r\n]+\r\n)*\r\n$/i.test(body)
      ? undefined
      : `chunks ${JSON.stringify(body)}`;
  }
  if (lengths.length === 1 && !/^\d{1,19}$/.test(lengths[0] ?? '')) return `length ${lengths[0]}`;
  return body.length === Number(lengths[0] ?? 0)
    ? undefined
    : `length ${lengths[0]}, body ${JSON.stringify(body)}`;
}

/** Of a refused request no complete message may have reached the origin. */
function leaked(bytes: string): string | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const chunked = /\r\ntransfer-encoding: *chunked\r\n/i.test(bytes.slice(0, end + 2));
  const complete = chunked ? bytes.endsWith('\r\n0\r\n\r\n') : true;
  return complete ? `refused, but the origin has ${JSON.stringify(bytes)}` : undefined;
}
