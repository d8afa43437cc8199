/**
 * How fast are imports and look-ups of many indicators, what do they cost in memory, and does anybody notice when a
 * feed is replaced? Baseline of a look-up: a `Map` of as many names (at most a million) in the same process. Values
 * are made up from their number, so figures do not depend on data that is not here.
 * Run: `node bench/indicators.ts [--quick] [entries …]`, by default 10000000 in the mix of a large installation.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createIndicatorAdmin,
  type IndicatorReader,
  openIndicators,
} from '../src/engines/indicators/index.ts';
import { canonicalUrlOf } from '../src/protocols/url/index.ts';
import { domainOf, lineOf, sha256Of, urlOf } from './support/indicator-lines.ts';

const ROUNDS = 5;
const LOOKUPS = 200_000;
const HIT_LOOKUPS = 50_000;
const SWAPPED = 1_000_000;
const MAP_ENTRIES = 1_000_000;
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const isQuick = process.argv.includes('--quick');
const given = process.argv
  .slice(2)
  .map(Number)
  .filter((count) => count > 0);
const sizes = given.length > 0 ? given : [isQuick ? 200_000 : 10_000_000];
const print = (name: string, figures: string): void =>
  void process.stdout.write(`  ${name.padEnd(40)} ${figures}\n`);

for (const entries of sizes) await measure(entries);

async function measure(entries: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'indicators-bench-'));
  const dir = join(folder, 'indicators');
  const admin = createIndicatorAdmin({
    dir,
    clock,
    log,
    runImports: 'child',
    publish: async () => {},
    audit: () => {},
  });
  const imported = async (name: string, feed: string, count: number, file: string): Promise<void> => {
    const peak = watchChild();
    const start = performance.now();
    const report = await admin.importFile({ file, feed, format: 'plain', force: true }, 'bench');
    const seconds = (performance.now() - start) / 1000;
    rmSync(file);
    const peakMiB = peak();
    const bytes = admin.feeds().find((each) => each.name === feed)!.bytes / report.entries;
    print(
      name,
      `${whole(count / seconds)} entries/s, ${seconds.toFixed(1)} s, peak of the process ${peakMiB.toFixed(0)} MiB, ${bytes.toFixed(1)} bytes an entry to look up`,
    );
  };
  const list = (count: number, line: (at: number) => string): string => {
    const file = join(folder, 'list.txt');
    writeLines(file, count, line);
    return file;
  };
  try {
    process.stdout.write(`${whole(entries)} entries: 40 % names, 30 % SHA-256, 20 % URLs, 10 % addresses\n`);
    const names = Math.min(entries, SWAPPED);
    const first = list(names, (at) => `swap${domainOf(at)}`);
    await imported(`import of ${whole(names)} names`, 'names', names, first);
    await imported('import of the mix', 'bench', entries, list(entries, lineOf));
    const reader = opened(dir);
    lookups(reader, entries);
    baseline(Math.min(entries, MAP_ENTRIES));
    await prefixes(reader, entries);
    const second = list(names, (at) => `next${domainOf(at)}`);
    await imported(`import of ${whole(names)} names beside it`, 'names', names, second);
    const swapping = watchLoop(reader, entries);
    const start = performance.now();
    await reader.reload();
    const swapMs = performance.now() - start;
    print(
      `longest wait, taking over ${whole(names)}`,
      `${swapping()}, taken over in ${swapMs.toFixed(0)} ms`,
    );
    if (reader.lookupHost(`next${domainOf(1)}`).length !== 1) throw new Error('the new names are not found');
    reader.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A list as large as it may be, without holding it. */
function writeLines(path: string, count: number, line: (at: number) => string): void {
  const file = openSync(path, 'w');
  for (let at = 0; at < count;) {
    let text = '';
    for (const end = Math.min(count, at + 20_000); at < end; at++) text += `${line(at)}\n`;
    writeSync(file, text);
  }
  closeSync(file);
}

/** The most memory that the import process had; the answer in MiB. */
function watchChild(): () => number {
  let peak = 0;
  const look = (): void => {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim();
    for (const pid of children.split(' ').filter((each) => each !== '')) {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      } catch {
        // It ended between the two reads.
      }
    }
  };
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    return peak / 1024;
  };
}

/** Looks things up all the time; the longest time that the loop could not turn, and how many look-ups it did. */
function watchLoop(reader: IndicatorReader, entries: number): () => string {
  let isOn = true;
  let last = performance.now();
  let longest = 0;
  let count = 0;
  const turn = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    for (let each = 0; each < 10; each++) reader.lookupHost(domainOf((++count * 7919) % entries));
    if (isOn) setImmediate(turn);
  };
  setImmediate(turn);
  return () => {
    isOn = false;
    return `${longest.toFixed(1)} ms with ${whole(count)} look-ups`;
  };
}

function opened(dir: string): IndicatorReader {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const start = performance.now();
  const reader = openIndicators(dir, clock);
  const openMs = performance.now() - start;
  const after = process.memoryUsage();
  const memory = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed;
  print('opened and checked in', `${openMs.toFixed(0)} ms, every byte read`);
  print('memory of a reader', `${mebi(memory)} on its own, resident ${mebi(after.rss - before.rss)} more`);
  return reader;
}

function lookups(reader: IndicatorReader, entries: number): void {
  const at = (step: number): number => (Math.imul(step, 7_919) >>> 0) % entries;
  /** The number of an entry of that kind. */
  const of = (step: number, kind: number): number => at(step) - (at(step) % 10) + kind;
  const work: Readonly<Record<string, readonly [number, (step: number) => readonly unknown[], number]>> = {
    'URL, miss': [
      LOOKUPS,
      (step) => reader.lookupUrl(canonicalUrlOf('http', `www.shop${step}.example`, 80, '/a/b/c.html?x=1')!),
      0,
    ],
    'URL, its host hit, each another one': [
      HIT_LOOKUPS,
      (step) =>
        reader.lookupUrl(canonicalUrlOf('http', `www.${domainOf(of(step, 0))}`, 80, '/a/b/c.html?x=1')!),
      1,
    ],
    'URL, its host hit, one of 1000': [
      LOOKUPS,
      (step) =>
        reader.lookupUrl(
          canonicalUrlOf('http', `www.${domainOf(of(step % 1000, 0))}`, 80, '/a/b/c.html?x=1')!,
        ),
      1,
    ],
    'URL, hit, each another one': [
      HIT_LOOKUPS,
      (step) => {
        const [host, path] = urlOf(of(step, 7));
        return reader.lookupUrl(canonicalUrlOf('http', host, 80, path)!);
      },
      1,
    ],
    'host, miss': [LOOKUPS, (step) => reader.lookupHost(`www.shop${step}.example`), 0],
    'hash, miss': [LOOKUPS, (step) => reader.lookupHash(sha256Of(entries + step * 10)), 0],
    'hash, hit, each another one': [HIT_LOOKUPS, (step) => reader.lookupHash(sha256Of(of(step, 4))), 1],
    'address, miss': [
      LOOKUPS,
      (step) => reader.lookupAddress(`10.${(step >> 16) & 255}.${(step >> 8) & 255}.${step & 255}`),
      0,
    ],
  };
  for (const [name, [count, look, found]] of Object.entries(work)) {
    if (found > 0 && look(5).length === 0) throw new Error(`${name}: nothing found`);
    print(name, `${summary(rounds(look, count))} look-ups/s`);
  }
  const urls = Array.from({ length: 1000 }, (_, step) => {
    const [host, path] =
      step % 10 === 0 ? urlOf(of(step, 7)) : [`www.shop${step}.example`, '/a/b/c.html?x=1'];
    return canonicalUrlOf('http', host, 80, path)!;
  });
  const bulk = rounds(() => urls.map((url) => reader.lookupUrl(url)), 100);
  print('1000 URLs, one in ten a hit', `${(1000 / Math.max(...bulk)).toFixed(2)} ms best`);
}

async function prefixes(reader: IndicatorReader, entries: number): Promise<void> {
  const waits = watchLoop(reader, entries);
  const start = performance.now();
  const found = await reader.prefixes(() => true);
  const seconds = (performance.now() - start) / 1000;
  print(
    'prefixes of all that is blocked',
    `${whole(found.length)} in ${seconds.toFixed(1)} s, longest wait ${waits()}`,
  );
}

function baseline(entries: number): void {
  const before = process.memoryUsage().heapUsed;
  const names = new Map<string, true>();
  for (let each = 0; each < entries; each++) names.set(domainOf(each), true);
  const inMap = (step: number): readonly unknown[] => {
    let found: unknown;
    const host = `www.shop${step}.example`;
    for (let dot = 0; dot >= 0; dot = host.indexOf('.', dot + 1))
      found ??= names.get(dot === 0 ? host : host.slice(dot + 1));
    return [found];
  };
  print('baseline: host, miss, in a Map', `${summary(rounds(inMap, LOOKUPS))} look-ups/s`);
  print(`baseline: memory of ${whole(entries)} in it`, mebi(process.memoryUsage().heapUsed - before));
}

function rounds(look: (step: number) => readonly unknown[], count: number): readonly number[] {
  let step = 0;
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (const end = step + count; step < end; step++) look(step);
    rates.push((count / (performance.now() - start)) * 1000);
  }
  return rates;
}

/** Best and worst round: the machine may be busy with other things. */
function summary(rates: readonly number[]): string {
  return `${whole(Math.max(...rates))} best, ${whole(Math.min(...rates))} worst`;
}

function whole(number: number): string {
  return Math.round(number).toLocaleString('en');
}

function mebi(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
