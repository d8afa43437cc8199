/**
 * Does the intake of events hold 10,000 a second beside the data path, and what does it cost that path? A whole gateway,
 * GETs of 1 KiB through 8080 over kept connections, in turns alone and with a process that sends events to control as an
 * edge does. Told: what was posted, stored and lost, the requests a second of both, the longest delay of control's loop in each second, and what log targets take.
 * Run: `node bench/events-beside.ts [--rate 10000] [--seconds 20] [--rounds 2] [--targets 0] [--edges 2]`.
 */
import { parseArgs } from 'node:util';
import { runChild } from '../test/support/child.ts';
import { startGateway, type Gateway } from '../test/support/gateway.ts';
import { findPeer } from '../test/support/peers.ts';
import { openScope } from '../test/support/scope.ts';
import { gatewayConfig, startBenchOrigin, type Origin } from './support/contenders.ts';
import {
  controlPid,
  delayText,
  feed,
  loopDelays,
  settled,
  startReceiver,
  storedEvents,
  threadTimes,
} from './support/event-lab.ts';
import type { GetResult } from './support/get-client.ts';
import { machine } from './support/machine.ts';
import { absoluteHeads } from './support/requests.ts';
import { runWrk } from './support/wrk.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '2' },
    targets: { type: 'string', default: '0' },
    edges: { type: 'string', default: '2' },
  },
});
const RATE = Number(values.rate);
const SECONDS = Number(values.seconds);
const BODY_BYTES = 1024;
const CONNECTIONS = 32;
const FORMATS = ['cef', 'leef', 'json'] as const;

const scope = openScope();
try {
  const origin = await startBenchOrigin(scope, { cpus: '0,1', bodyBytes: BODY_BYTES });
  const config = { ...gatewayConfig([origin]), events: { keepBytes: '20GiB' } };
  const gateway = await startGateway(scope, { config, edges: Number(values.edges) });
  for (let at = 0; at < Number(values.targets); at++) {
    const { url } = await startReceiver(scope, 'reads');
    const format = FORMATS[at % FORMATS.length]!;
    await gateway.ask('log', 'target', 'add', `t${at}`, '--url', url, '--format', format);
  }
  await requests(gateway, origin, 1);
  const rates: (readonly [alone: number, beside: number])[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const alone = await requests(gateway, origin, SECONDS);
    rates.push([alone, await beside(gateway, origin)]);
  }
  const { model, cores, load } = machine();
  for (const [alone, both] of rates) {
    line(
      `requests/s: ${Math.round(alone)} alone, ${Math.round(both)} beside the events (${((both / alone) * 100).toFixed(0)} %)`,
    );
  }
  line(
    `${values.edges} edges, ${values.targets} log targets, rounds of ${SECONDS} s; ${model}, ${cores} cores, load ${load.toFixed(1)} at the end`,
  );
} finally {
  await scope.close();
}

/** Requests a second while events come in; prints what became of those. */
async function beside(gateway: Gateway, origin: Origin): Promise<number> {
  const pid = await controlPid(gateway);
  const before = { ...storedEvents(gateway), ...threadTimes(pid), delays: await loopDelays(gateway) };
  const begun = performance.now();
  const [rate, fed] = await Promise.all([
    requests(gateway, origin, SECONDS),
    feed(scope, gateway, { rate: RATE, seconds: SECONDS }),
  ]);
  const times = threadTimes(pid);
  const delays = await loopDelays(gateway);
  const { stored, lost } = await settled(gateway);
  const seconds = (performance.now() - begun) / 1000;
  line(
    `events: ${fed.posted} posted at ${Math.round(fed.posted / fed.seconds)}/s, ${fed.dropped} found no room at the sender; ` +
      `${stored - before.stored} stored, ${lost - before.lost} lost, all ${Math.round(seconds - fed.seconds - 1)} s after the last`,
  );
  line(
    `control: ${((times.all - before.all) / fed.seconds / 10).toFixed(0)} % of a core, its main thread ${((times.main - before.main) / fed.seconds / 10).toFixed(0)} %; ` +
      `loop held ${delayText(before.delays, delays)}; the sender took ${(fed.cpuMs / fed.seconds / 10).toFixed(0)} % of a core`,
  );
  return rate;
}

async function requests(gateway: Gateway, origin: Origin, seconds: number): Promise<number> {
  const load = { port: gateway.proxyPort, heads: absoluteHeads('localhost', origin.http), seconds };
  if (findPeer('wrk').path !== undefined) {
    const result = await runWrk(scope, { ...load, connections: CONNECTIONS, cpus: '0,1' });
    if (result.errors > 0) throw new Error(`${result.errors} requests failed`);
    return result.rate;
  }
  const script = new URL('support/get-client.ts', import.meta.url).pathname;
  const settings = {
    ...load,
    host: '127.0.0.1',
    bodyBytes: BODY_BYTES,
    connections: CONNECTIONS,
    pauseMs: 0,
  };
  const child = await runChild(scope, process.execPath, [script, JSON.stringify(settings)], {
    timeoutMs: seconds * 1000 + 30_000,
  });
  // Our own process printed it.
  const result = JSON.parse(child.stdout) as GetResult;
  if (result.errors + result.wrong > 0) throw new Error(`${result.errors + result.wrong} answers were wrong`);
  return result.count / result.seconds;
}

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}
