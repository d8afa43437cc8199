import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from '../test/support/child.ts';
import { type Gateway, startGateway } from '../test/support/gateway.ts';
import { tempDir } from '../test/support/scope.ts';
import { cpuMs, edgeQueuedMs } from './support/machine.ts';
import type { PacedResult, PacedSettings } from './support/paced-client.ts';
import type { Lab, Question, Row } from './support/question.ts';
import { runWrk } from './support/wrk.ts';

/** Requests a second of the paced generator: the rate of the target. */
const PACE = 20_000;

export const question: Question = {
  name: 'url-lookups',
  title: 'URL look-ups over the wire',
  method:
    'One at a time: wrk with 32 kept connections asks GET /v1/url, each time another URL of 2,000; one edge on core 0, wrk on core 1. ' +
    'Paced: the same requests at 20,000 a second, each latency from the moment at which its request was due; in the notes how late the generator was, and how long others kept the edge from its core. ' +
    'In bulk: POST /v1/urls as plain lines, sent and read at the same time on 2 connections a client; edges and clients share both cores. ' +
    'Loaded are 10 million indicators (quick: 200,000): 40 % domains, 30 % SHA-256, 20 % URLs, 10 % addresses. Access log on.',
  run,
};

async function run(lab: Lab): Promise<readonly Row[]> {
  const entries = lab.quick ? 200_000 : 10_000_000;
  const file = await writeList(await tempDir(lab.scope), entries);
  const one = await start(lab, 1);
  const before = performance.now();
  const words = ['feed', 'import', file, '--format', 'plain', '--category', 'malware'];
  const result = await one.command(...words);
  if (result.code !== 0) throw new Error(`the indicators were not imported: ${result.stderr}`);
  lab.log(`imported in ${((performance.now() - before) / 1000).toFixed(1)} s`);
  const rows = [
    await single(lab, one, entries),
    await paced(lab, one, entries),
    await bulk(lab, one, 1, entries),
  ];
  await one.child.stop();
  const two = await start(lab, 2, one.dataDir);
  rows.push(await bulk(lab, two, 2, entries));
  await two.child.stop();
  return rows;
}

function start(lab: Lab, edges: number, dataDir?: string): Promise<Gateway> {
  return startGateway(lab.scope, {
    edges,
    cpus: edges === 1 ? '0' : '0,1',
    config: { log: { level: 'warn' } },
    ...(dataDir === undefined ? {} : { dataDir }),
  });
}

async function single(lab: Lab, gateway: Gateway, entries: number): Promise<Row> {
  const port = gateway.ports.webReputation ?? 0;
  const heads = requestHeads();
  const samples = [];
  for (let round = 0; round < lab.rounds; round++) {
    const cpuBefore = cpuMs(gateway.child.pid);
    const seconds = Math.max(1, Math.round(lab.seconds));
    const result = await runWrk(lab.scope, { port, heads, connections: 32, seconds, cpus: '1' });
    samples.push({ ...result, cpuMs: cpuMs(gateway.child.pid) - cpuBefore, seconds });
  }
  const best = samples.toSorted((x, y) => x.rate - y.rate)[samples.length >> 1]!;
  const micros = (best.cpuMs * 1000) / (best.rate * best.seconds);
  return row(
    `single, 1 edge, ${entries.toLocaleString('en')} indicators`,
    samples.map(({ rate }) => rate),
    '≥ 20,000',
    `${micros.toFixed(0)} µs processor each, p50 ${(best.p50 / 1000).toFixed(2)} ms, p99 ${(best.p99 / 1000).toFixed(2)} ms, ${best.errors} errors`,
  );
}

/** What somebody waits for whose server is not full: where it is, every queue grows to as many as ask. */
async function paced(lab: Lab, gateway: Gateway, entries: number): Promise<Row> {
  const script = new URL('support/paced-client.ts', import.meta.url).pathname;
  const settings: PacedSettings = {
    port: gateway.ports.webReputation ?? 0,
    heads: requestHeads(),
    connections: 32,
    seconds: lab.seconds,
    rate: PACE,
  };
  const file = join(await tempDir(lab.scope), 'paced.json');
  await writeFile(file, JSON.stringify(settings));
  const results: PacedResult[] = [];
  const queuedBefore = edgeQueuedMs(gateway.child.pid);
  for (let round = 0; round < lab.rounds; round++) {
    const { code, stdout, stderr } = await runChild(lab.scope, process.execPath, [script, file], {
      cpus: '1',
      timeoutMs: lab.seconds * 1000 + 30_000,
    });
    if (code !== 0) throw new Error(`the paced generator ended with ${code}: ${stderr}`);
    // Our own client printed it.
    results.push(JSON.parse(stdout) as PacedResult);
  }
  const queuedMs = edgeQueuedMs(gateway.child.pid) - queuedBefore;
  const queued = (queuedMs / (lab.rounds * lab.seconds * 10)).toFixed(1);
  const ms = (value: (result: PacedResult) => number): string => {
    const sorted = results.map(value).toSorted((x, y) => x - y);
    return (sorted[sorted.length >> 1]! / 1000).toFixed(2);
  };
  return row(
    `paced at ${PACE.toLocaleString('en')}/s, 1 edge, ${entries.toLocaleString('en')} indicators`,
    results.map(({ rate }) => rate),
    'p99 < 2 ms',
    `p50 ${ms((each) => each.p50)} ms, p99 ${ms((each) => each.p99)} ms, p99.9 ${ms((each) => each.p999)} ms; ` +
      `generator late by ${ms((each) => each.lateP99)} ms (p99), the edge in line for its core ${queued} % of the time, ${results.reduce((sum, { errors }) => sum + errors, 0)} errors`,
  );
}

function requestHeads(): readonly string[] {
  return Array.from({ length: 2000 }, (_, at) => {
    const url = at % 100 === 0 ? domainOf(at) : `http://www.site-${at}.example/a/b/c.html?x=${at}`;
    return `GET /v1/url?url=${encodeURIComponent(url)} HTTP/1.1\r\nHost: gw.example:5274\r\n\r\n`;
  });
}

async function bulk(lab: Lab, gateway: Gateway, edges: number, entries: number): Promise<Row> {
  const script = new URL('support/bulk-client.ts', import.meta.url).pathname;
  const port = String(gateway.ports.webReputation ?? 0);
  const rates: number[] = [];
  let failures = 0;
  let cpu = 0;
  let answers = 0;
  for (let round = 0; round < lab.rounds; round++) {
    const cpuBefore = cpuMs(gateway.child.pid);
    const args = [script, port, edges === 1 ? '2' : '4', String(lab.seconds)];
    const { stdout, stderr } = await runChild(lab.scope, process.execPath, args, {
      timeoutMs: lab.seconds * 1000 + 30_000,
      ...(edges === 1 ? { cpus: '1' } : {}),
    });
    if (stderr !== '') lab.log(stderr);
    // Our own client printed it.
    const result = JSON.parse(stdout) as { rate: number; answers: number; failures: number };
    rates.push(result.rate);
    failures += result.failures;
    answers += result.answers;
    cpu += cpuMs(gateway.child.pid) - cpuBefore;
  }
  return row(
    `bulk, ${edges} ${edges === 1 ? 'edge' : 'edges'}, ${entries.toLocaleString('en')} indicators`,
    rates,
    edges === 2 ? '≥ 250,000' : '',
    `${((cpu * 1000) / answers).toFixed(2)} µs processor each, ${failures} failures`,
  );
}

function row(what: string, rates: readonly number[], target: string, notes: string): Row {
  const sorted = rates.toSorted((x, y) => x - y);
  const text = (rate: number): string => Math.round(rate).toLocaleString('en');
  const ours = `${text(sorted[sorted.length >> 1]!)} (${text(sorted[0]!)}–${text(sorted.at(-1)!)})`;
  return { what, unit: 'URLs/s', ours, peer: '–', direct: '–', ratio: '–', target, notes };
}

function domainOf(at: number): string {
  return `${(Math.imul(at, 0x9e3779b1) >>> 0).toString(36)}.zone${at % 4999}.example`;
}

/** Made-up indicators, the same in every run. */
async function writeList(dir: string, entries: number): Promise<string> {
  const file = join(dir, 'indicators.txt');
  const out = createWriteStream(file, { highWaterMark: 1 << 20 });
  for (let host = 0; host < 10; host++) out.write(`listed-${host}.bench.example\n`);
  for (let from = 0; from < entries; from += 10_000) {
    let text = '';
    for (let at = from; at < Math.min(entries, from + 10_000); at++) text += `${lineOf(at)}\n`;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return file;
}

function lineOf(at: number): string {
  const mixed = Math.imul(at, 0x9e3779b1) >>> 0;
  const kind = at % 10;
  if (kind < 4) return domainOf(at);
  if (kind < 7) {
    let hex = '';
    for (let word = 0; word < 8; word++)
      hex += (Math.imul(at + word * 0x1234567, 0x85ebca6b + word * 2) >>> 0).toString(16).padStart(8, '0');
    return hex;
  }
  if (kind < 9)
    return `http://${mixed.toString(36)}.site${at % 997}.example/files/${mixed.toString(16)}/index.html`;
  return `${(at % 200) + 11}.${(mixed >>> 8) & 255}.${(mixed >>> 16) & 255}.${at & 255}`;
}
