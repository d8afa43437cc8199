/**
 * How long does one line of the access log take, and one addition to a counter? Baseline: `JSON.stringify` of
 * the same entry, measured in turn in the same process. Run: `node bench/log-lines.ts [rounds]`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { SECRET_PARAMETERS } from '../src/engines/config/index.ts';
import {
  ACCESS_LOG_METRICS,
  type AccessEntry,
  type AccessLog,
  createAccessLog,
  createMetrics,
} from '../src/engines/telemetry/index.ts';
import { urlRedactor } from '../src/protocols/url/index.ts';

const CALLS = 50_000;
const BASE: AccessEntry = {
  timeMs: Date.UTC(2026, 0, 2),
  durationMs: 12.345,
  door: 'forward-proxy',
  source: '10.1.2.3',
  user: 'ana',
  method: 'GET',
  url: 'http://www.example.com/path/to/something?with=query&and=more',
  status: 200,
  bytesIn: 300,
  bytesOut: 1024,
  upstream: '192.0.2.7:80',
  decision: 'allow',
  rule: 'default-allow',
  reason: 'nothing-blocks',
  feed: undefined,
  entry: undefined,
  error: undefined,
  tunnel: false,
  reused: true,
  connectMs: undefined,
  firstByteMs: 3.21,
  id: 'x1-2',
};
const entriesWith = (url: string): readonly AccessEntry[] =>
  Array.from({ length: 1000 }, (_, at) => ({
    ...BASE,
    timeMs: BASE.timeMs + at,
    durationMs: at * 0.37,
    url: `${url}${at}`,
  }));
const entries = entriesWith(BASE.url);
/** Of one length with the others, so that the difference is what looking for secrets in a query costs. */
const plain = entriesWith(BASE.url.replaceAll(/[?&=]/g, '/'));
const secret = entriesWith(BASE.url.replace('with=', 'code='));

const folder = await mkdtemp(join(tmpdir(), 'log-lines-'));
const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const metrics = createMetrics(ACCESS_LOG_METRICS);
const open = (format: 'json' | 'squid'): AccessLog =>
  createAccessLog({
    path: join(folder, format),
    format,
    bufferBytesMax: 1 << 28,
    redactor: urlRedactor(SECRET_PARAMETERS),
    log: quiet,
    metrics,
  });
const logs = [open('json'), open('squid')] as const;
const counter = metrics.counter('access_log_lines_total');
let baseline = '';

const cases: readonly (readonly [name: string, call: (at: number) => void, end: () => Promise<void>])[] = [
  [
    'access log, JSON line, with its write',
    (at) => logs[0].write(entries[at % 1000]!),
    () => logs[0].flush(),
  ],
  [
    'access log, JSON line, URL without a query',
    (at) => logs[0].write(plain[at % 1000]!),
    () => logs[0].flush(),
  ],
  [
    'access log, JSON line, a secret in the query',
    (at) => logs[0].write(secret[at % 1000]!),
    () => logs[0].flush(),
  ],
  [
    'access log, Squid line, with its write',
    (at) => logs[1].write(entries[at % 1000]!),
    () => logs[1].flush(),
  ],
  [
    'JSON.stringify, no write',
    (at) => {
      baseline += `${JSON.stringify(entries[at % 1000])}\n`;
      if (baseline.length > 65_536) baseline = Buffer.from(baseline, 'latin1').length > 0 ? '' : baseline;
    },
    () => Promise.resolve(),
  ],
  ['counter.add', () => counter.add(), () => Promise.resolve()],
];

const best = cases.map(() => [] as number[]);
for (let round = 0; round < Number(process.argv[2] ?? 9) + 1; round++) {
  for (const [at, [, call, end]] of cases.entries()) {
    const before = process.cpuUsage();
    for (let count = 0; count < CALLS; count++) {
      call(count);
      // The loop turns now and then, as it does under load.
      if (count % 200 === 199) await turn();
    }
    await end();
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) best[at]!.push(((user + system) * 1000) / CALLS);
  }
}
for (const [at, [name]] of cases.entries()) {
  const sorted = best[at]!.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  process.stdout.write(
    `${name.padEnd(44)} min ${sorted[0]!.toFixed(0)} ns  median ${median.toFixed(0)} ns of CPU\n`,
  );
}
await Promise.all(logs.map((log) => log.close()));
await rm(folder, { recursive: true });
