/**
 * What the HTTP/1 codec accepts and sends on, Node's strict llhttp reads as the same messages: number, method, path,
 * host, body. `FUZZ_RUNS` and `FUZZ_SEED` as in http1.test.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCorpus } from './http1-corpus.ts';
import { answer, type Forwarded, forward } from './http1-drive.ts';
import { generateRequests, generateResponses } from './http1-generate.ts';
import { Llhttp, llhttpKnows, readResponse } from './http1-llhttp.ts';
import { mutate, seededRandom } from './http1-mutate.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_240_611);

async function agree(llhttp: Llhttp, input: Buffer): Promise<number> {
  const requests = forward(input).requests.filter(llhttpKnows);
  if (requests.length === 0) return 0;
  const bytes = Buffer.concat(requests.map((request) => request.bytes));
  const read = await llhttp.read(bytes);
  const about = `${JSON.stringify(input.toString('latin1'))} sent on as ${JSON.stringify(bytes.toString('latin1'))}`;
  assert.equal(read.error, undefined, about);
  assert.deepEqual(read.requests.map(summaryOfParsed), requests.map(summary), about);
  for (const request of requests) oneFraming(request, about);
  return requests.length;
}

function summary(request: Forwarded): Record<string, string | number> {
  return {
    method: request.method,
    host: request.authority,
    url: request.path,
    body: request.body.toString('latin1'),
    trailers: request.trailers.toString('latin1').split('\r\n').length - 1,
  };
}

function summaryOfParsed(
  parsed: Awaited<ReturnType<Llhttp['read']>>['requests'][number],
): ReturnType<typeof summary> {
  const { method, host, url, body, trailers } = parsed;
  return { method, host: host.toLowerCase(), url, body: body.toString('latin1'), trailers };
}

/** No field of the message says anything about framing but the one that we wrote. */
function oneFraming(request: Forwarded, about: string): void {
  const head = request.bytes.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
  const framing = head.match(/^(?:content.length|transfer.encoding)[ \t]*:.*$/gim) ?? [];
  assert.equal(framing.length, request.framing === 'none' ? 0 : 1, about);
}

test('the corpus is read alike', async () => {
  const llhttp = new Llhttp();
  let sent = 0;
  for (const input of readCorpus().requests) sent += await agree(llhttp, input);
  assert.ok(sent >= 8, `${sent} requests were sent on`);
});

test('generated and mutated requests are read alike', async () => {
  const llhttp = new Llhttp();
  let sent = 0;
  const random = seededRandom(SEED);
  const corpus = readCorpus().requests;
  for (let run = 0; run < RUNS; run++) {
    const input = random() < 0.2 ? corpus[Math.floor(random() * corpus.length)]! : generateRequests(random);
    const other = corpus[Math.floor(random() * corpus.length)]!;
    sent += await agree(llhttp, random() < 0.3 ? input : mutate(input, other, random));
  }
  // Otherwise the test says nothing.
  assert.ok(sent > RUNS / 4, `${sent} requests of ${RUNS} inputs were sent on`);
});

test('generated and mutated responses are read alike', async () => {
  const random = seededRandom(SEED + 1);
  const corpus = readCorpus().responses;
  let sent = 0;
  for (let run = 0; run < RUNS / 4; run++) {
    const input = random() < 0.2 ? corpus[Math.floor(random() * corpus.length)]! : generateResponses(random);
    const other = corpus[Math.floor(random() * corpus.length)]!;
    const bytes = random() < 0.3 ? input : mutate(input, other, random);
    for (const { method, status, reason, body, bytes: encoded } of answer(['GET', 'HEAD', 'POST'], bytes)) {
      const about = `${JSON.stringify(bytes.toString('latin1'))} sent on as ${JSON.stringify(encoded.toString('latin1'))}`;
      // oxlint-disable-next-line no-await-in-loop -- one parser at a time, so that a failure is the input's own
      assert.deepEqual(
        await readResponse(method, encoded),
        { status, reason, body, error: undefined },
        about,
      );
      sent++;
    }
  }
  assert.ok(sent > RUNS / 16, `${sent} responses of ${RUNS / 4} inputs were sent on`);
});
