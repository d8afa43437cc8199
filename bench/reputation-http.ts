/**
 * How much processor time does one `GET /v1/url` take, from bytes to bytes, without sockets and with a list that
 * knows nothing? Baseline: the same answer through Hono's `fetch`, request and response as it wants them,
 * measured in turn in the same process. Run: `node bench/reputation-http.ts [rounds]`.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import { canonicalUrl } from '../src/protocols/url/index.ts';
import { EVIL, openWebReputation } from '../test/support/web-doors.ts';

const CALLS = 20_000;
const PATH = '/v1/url?url=http%3A%2F%2Fwww.example.com%2Fsome%2Fpath%2Ffile.html%3Fid%3D1';
const REQUEST = Buffer.from(
  `GET ${PATH} HTTP/1.1\r\nHost: gw.example:5274\r\nUser-Agent: bench/1.0\r\nAccept: */*\r\n\r\n`,
);

const app = new OpenAPIHono();
app.get('/v1/url', (context) => {
  const text = context.req.query('url') ?? '';
  const url = canonicalUrl(text);
  return context.json({ url: text, ...EVIL, known: url !== undefined });
});

async function ours(perChunk: number): Promise<void> {
  const door = await openWebReputation();
  const chunk = Buffer.concat(Array.from({ length: perChunk }, () => REQUEST));
  const text = await door.say(
    'webReputation',
    Array.from({ length: CALLS / perChunk }, () => chunk),
  );
  if (!text.endsWith('}\n')) throw new Error('not answered');
}

async function framework(): Promise<void> {
  let size = 0;
  for (let at = 0; at < CALLS; at++) {
    const response = await app.fetch(
      new Request(`http://gw.example:5274${PATH}`, { headers: { accept: '*/*' } }),
    );
    size += (await response.arrayBuffer()).byteLength;
  }
  if (size === 0) throw new Error('not answered');
}

const cases: readonly (readonly [name: string, run: () => Promise<void>])[] = [
  ['one request a read', () => ours(1)],
  ['32 pipelined requests a read', () => ours(32)],
  ['Hono, without parsing HTTP', framework],
];
const results = cases.map(() => [] as number[]);
for (let round = 0; round < Number(process.argv[2] ?? 7) + 1; round++) {
  for (const [at, [, run]] of cases.entries()) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) results[at]!.push((user + system) / CALLS);
  }
}
for (const [at, [name]] of cases.entries()) {
  const sorted = results[at]!.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  process.stdout.write(
    `${name.padEnd(32)} min ${sorted[0]!.toFixed(1)} us  median ${median.toFixed(1)} us of CPU\n`,
  );
}
