/**
 * How many file hashes does the gateway look up, one a request and many a request? A whole gateway with one edge on
 * core 0, the generator on core 1. Baseline: the same answers out of a `Map` behind `node:http` and
 * `JSON.stringify`, on the same core, in turn. Hashes are made up: SHA-256, one question in ten is known.
 * Run: `node bench/hash-lookups.ts [entries] [rounds]`, by default 1000000 and 3.
 */
import { createHash } from 'node:crypto';
import { createServer, request as httpRequest, Agent, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { startChild } from '../test/support/child.ts';
import { startGateway } from '../test/support/gateway.ts';
import { openScope, tempDir } from '../test/support/scope.ts';
import { runWrk } from './support/wrk.ts';

const SECONDS = 4;
const CONNECTIONS = 32;
const BULK = 5000;
/** Questions that differ: more than a cache of descriptions holds. */
const QUESTIONS = 50_000;

if (process.argv[2] === '--baseline') serveBaseline(Number(process.argv[3]));
else await measure(Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 3));

function hashOf(at: number): string {
  return createHash('sha256').update(`file ${at}`).digest('hex');
}

/** Every tenth is in the list. */
function questionOf(at: number, entries: number): string {
  return at % 10 === 0 ? hashOf((Math.imul(at, 7919) >>> 0) % entries) : hashOf(entries + at);
}

async function measure(entries: number, rounds: number): Promise<void> {
  const scope = openScope();
  try {
    const gateway = await startGateway(scope, { cpus: '0', edges: 1 });
    const list = join(await tempDir(scope, 'hashes'), 'list.txt');
    const file = createWriteStream(list);
    for (let at = 0; at < entries; at++) if (!file.write(`${hashOf(at)}\n`)) await once(file, 'drain');
    await new Promise((resolve) => file.end(resolve));
    await gateway.ask('feed', 'import', list, '--feed', 'bench', '--format', 'plain');
    const path = new URL(import.meta.url).pathname;
    const child = startChild(scope, process.execPath, [path, '--baseline', String(entries)], { cpus: '0' });
    const [, port] = await child.waitFor(/port (\d+)/, 120_000);
    const contenders = [
      ['sallyport', gateway.ports.http ?? 0],
      ['Map behind node:http', Number(port)],
    ] as const;
    const singles = Array.from(
      { length: QUESTIONS },
      (_, at) => `GET /lookup/sha256/${questionOf(at, entries)} HTTP/1.1\r\nHost: gw\r\n\r\n`,
    );
    print(`${entries} entries, ${CONNECTIONS} connections, one core for the server`);
    for (let round = 0; round < rounds; round++) {
      for (const [name, to] of contenders) {
        const single = await runWrk(scope, {
          port: to,
          heads: singles,
          connections: CONNECTIONS,
          seconds: SECONDS,
          cpus: '1',
        });
        const bulk = await bulkRate(to, entries);
        const rate = Math.round(single.rate).toLocaleString('en');
        print(
          `${name.padEnd(22)} single ${rate.padStart(8)}/s p99 ${(single.p99 / 1000).toFixed(1)} ms` +
            `   bulk ${Math.round(bulk).toLocaleString('en').padStart(9)} hashes/s`,
        );
      }
    }
  } finally {
    await scope.close();
  }
}

/** Two questions of many hashes under way at once, so that the server never waits for the generator. */
async function bulkRate(port: number, entries: number): Promise<number> {
  const bodies = Array.from({ length: 8 }, (_, body) =>
    Buffer.from(
      JSON.stringify({
        hashes: Array.from({ length: BULK }, (_each, at) => questionOf(body * BULK + at, entries)),
      }),
    ),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const startedAt = performance.now();
  let hashes = 0;
  let turn = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - startedAt < SECONDS * 1000) {
      await post(agent, port, bodies[turn++ % bodies.length]!);
      hashes += BULK;
    }
  };
  await Promise.all([one(), one()]);
  agent.destroy();
  return (hashes / (performance.now() - startedAt)) * 1000;
}

function post(agent: Agent, port: number, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
    const options = { agent, host: '127.0.0.1', port, path: '/bulk/sha256', method: 'POST', headers };
    const request = httpRequest(options, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.on('error', reject).on('end', resolve).resume();
    });
    request.on('error', reject).end(body);
  });
}

function serveBaseline(entries: number): void {
  const known = new Map<string, { readonly db: string; readonly verdict: string; readonly score: number }>();
  for (let at = 0; at < entries; at++)
    known.set(hashOf(at), { db: 'bench', verdict: 'malicious', score: 90 });
  const record = (hash: string) => {
    const found = known.get(hash);
    return found === undefined
      ? undefined
      : { 'SHA-256': hash.toUpperCase(), KnownMalicious: found.db, ...found };
  };
  const server = createServer((request, response) => {
    const hash = request.url?.slice('/lookup/sha256/'.length) ?? '';
    if (request.method === 'GET') {
      const found = record(hash);
      response.writeHead(found === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(found ?? { message: 'Non existing SHA-256', query: hash }));
      return;
    }
    void bodyOf(request).then((text) => {
      const { hashes } = JSON.parse(text) as { readonly hashes: readonly string[] };
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(hashes.flatMap((each) => record(each) ?? [])));
    });
  });
  server.listen(0, '127.0.0.1', () => print(`port ${(server.address() as AddressInfo).port}`));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
