/**
 * How fast are imports and look-ups, and what do they cost in memory? Baseline of a look-up: a `Map` of the same
 * names held by every process. Names are made up, so figures do not depend on data that is not here.
 * Run: `node bench/indicators.ts [entries …]`, by default 200000 and 1000000.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIndicatorAdmin, openIndicators } from '../src/engines/indicators/index.ts';
import { canonicalUrlOf } from '../src/protocols/url/index.ts';

const ROUNDS = 5;
const LOOKUPS = 200_000;
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [200_000, 1_000_000];
const print = (text: string): void => void process.stdout.write(`${text}\n`);

for (const entries of sizes) await measure(entries);

/** 60 % domains, 30 % URLs, 10 % addresses. */
function lineOf(at: number): string {
  const mixed = Math.imul(at, 0x9e3779b1) >>> 0;
  if (at % 10 < 6) return domainOf(at);
  if (at % 10 < 9)
    return `http://${mixed.toString(36)}.site${at % 997}.example/files/${mixed.toString(16)}/index.html`;
  return `${(at % 200) + 11}.${(mixed >>> 8) & 255}.${(mixed >>> 16) & 255}.${at & 255}`;
}

function domainOf(at: number): string {
  return `${(Math.imul(at, 0x9e3779b1) >>> 0).toString(36)}.zone${at % 4999}.example`;
}

async function measure(entries: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'indicators-bench-'));
  const dir = join(folder, 'indicators');
  try {
    const file = join(folder, 'list.txt');
    writeFileSync(file, Array.from({ length: entries }, (_, at) => lineOf(at)).join('\n'));
    const publish = async (): Promise<void> => {};
    const options = { dir, clock, log, publish, audit: () => {} };
    const rates: number[] = [];
    let bytes = 0;
    for (let round = 0; round < 3; round++) {
      const admin = createIndicatorAdmin({ ...options, runImports: 'child' });
      const start = performance.now();
      const report = await admin.importFile({ file, feed: 'bench' }, 'bench');
      rates.push(((report.entries + report.duplicates) / (performance.now() - start)) * 1000);
      bytes = (admin.feeds()[0]?.bytes ?? 0) / report.entries;
    }
    print(`${entries} entries`);
    print(`  import, in its own process     ${summary(rates)} entries/s`);
    print(`  look-up file                   ${bytes.toFixed(1)} bytes an entry`);
    lookups(dir, entries);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lookups(dir: string, entries: number): void {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const start = performance.now();
  const reader = openIndicators(dir, clock);
  const openMs = performance.now() - start;
  const after = process.memoryUsage();
  const memory = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed;
  print(`  opened and checked in          ${openMs.toFixed(0)} ms`);
  print(`  memory of a reader             ${(memory / 1024 / 1024).toFixed(1)} MiB`);
  const at = (step: number): number => (Math.imul(step, 7_919) >>> 0) % entries;
  const hitAt = (step: number): number => at(step) - (at(step) % 10);
  const work: Readonly<Record<string, (step: number) => unknown>> = {
    'URL, miss': (step) =>
      reader.lookupUrl(canonicalUrlOf('http', `www.shop${step}.example`, 80, '/a/b/c.html?x=1')!),
    'URL, hit, each another one': (step) =>
      reader.lookupUrl(canonicalUrlOf('http', `www.${domainOf(hitAt(step))}`, 80, '/a/b/c.html?x=1')!),
    'URL, hit, one of 1000': (step) =>
      reader.lookupUrl(canonicalUrlOf('http', `www.${domainOf(hitAt(step % 1000))}`, 80, '/a/b/c.html?x=1')!),
    'host, miss': (step) => reader.lookupHost(`www.shop${step}.example`),
    'address, miss': (step) =>
      reader.lookupAddress(`10.${(step >> 16) & 255}.${(step >> 8) & 255}.${step & 255}`),
  };
  for (const [name, look] of Object.entries(work)) {
    print(`  ${name.padEnd(30)} ${summary(rounds(look))} look-ups/s`);
  }
  const names = new Map<string, true>();
  for (let each = 0; each < entries; each++) names.set(lineOf(each), true);
  const inMap = (step: number): unknown => {
    let found: unknown;
    const host = `www.shop${step}.example`;
    for (let dot = 0; dot >= 0; dot = host.indexOf('.', dot + 1))
      found ??= names.get(dot === 0 ? host : host.slice(dot + 1));
    return found;
  };
  print(`  baseline: host, miss, in a Map ${summary(rounds(inMap))} look-ups/s`);
  const withMap = process.memoryUsage().heapUsed - after.heapUsed;
  print(`  baseline: memory of the Map    ${(withMap / 1024 / 1024).toFixed(1)} MiB`);
  reader.close();
}

function rounds(look: (step: number) => unknown): readonly number[] {
  let step = 0;
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (const end = step + LOOKUPS; step < end; step++) look(step);
    rates.push((LOOKUPS / (performance.now() - start)) * 1000);
  }
  return rates;
}

/** Best and worst round: the machine may be busy with other things. */
function summary(rates: readonly number[]): string {
  const best = Math.max(...rates);
  const worst = Math.min(...rates);
  return `${Math.round(best).toLocaleString('en')} best, ${Math.round(worst).toLocaleString('en')} worst`;
}
