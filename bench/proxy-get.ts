import { runChild } from '../test/support/child.ts';
import { findPeer } from '../test/support/peers.ts';
import { startBenchOrigin, startContenders } from './support/contenders.ts';
import type { Contender, Origin } from './support/contenders.ts';
import type { GetResult } from './support/get-client.ts';
import type { Lab, Question, Row } from './support/question.ts';
import { absoluteHeads, directHeads } from './support/requests.ts';
import { measure } from './support/rounds.ts';
import type { Load } from './support/rounds.ts';
import { runWrk } from './support/wrk.ts';

const BODY_BYTES = 1024;
const CONNECTIONS = 64;

export const question: Question = {
  name: 'proxy-get',
  title: 'Forward proxy, 1 KiB GET over kept connections',
  method:
    `wrk sends ${CONNECTIONS} connections of absolute-form requests with the header fields of a browser; beside it four connections of ` +
    'our own generator compare every answer byte for byte. One edge against one worker: the proxy on core 0, generator and ' +
    'origin on core 1. Two edges against two workers: all share both cores. Cache off, access logs on, 200,000 indicators in ours.',
  run,
};

async function run(lab: Lab): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const workers of [1, 2]) {
    const place = workers === 1 ? { proxy: '0', rest: '1' } : { proxy: '0,1', rest: '0,1' };
    const origin = await startBenchOrigin(lab.scope, { cpus: place.rest, bodyBytes: BODY_BYTES });
    const contenders = await startContenders(lab, { cpus: place.proxy, workers, origins: [origin] });
    const what = workers === 1 ? '1 edge, 1 worker' : '2 edges, 2 workers';
    rows.push(
      await measure(lab, {
        what,
        unit: 'requests/s',
        target: '≥ 2, aim 3',
        contenders,
        load: (contender, seconds) => load(lab, { contender, origin, seconds, cpus: place.rest }),
      }),
    );
  }
  return rows;
}

interface Job {
  readonly contender: Contender;
  readonly origin: Origin;
  readonly seconds: number;
  readonly cpus: string;
}

async function load(lab: Lab, job: Job): Promise<Load> {
  const { contender, origin, seconds, cpus } = job;
  const port = contender.port === 0 ? origin.http : contender.port;
  const heads = (contender.port === 0 ? directHeads : absoluteHeads)('localhost', origin.http);
  // wrk counts whole seconds.
  const whole = Math.max(1, Math.round(seconds));
  const withWrk = findPeer('wrk').path !== undefined;
  const check = checked(lab, {
    port,
    heads,
    cpus,
    seconds: whole,
    connections: withWrk ? 4 : CONNECTIONS,
    pauseMs: withWrk ? 20 : 0,
  });
  if (!withWrk) {
    const result = await check;
    return { ...result, rate: result.count / result.seconds, errors: result.errors + result.wrong };
  }
  const [result, checks] = await Promise.all([
    runWrk(lab.scope, { port, heads, connections: CONNECTIONS, seconds: whole, cpus }),
    check,
  ]);
  if (checks.count === 0) throw new Error(`${contender.name}: not one answer was right`);
  return { ...result, seconds: whole, errors: result.errors + checks.errors + checks.wrong };
}

interface Check {
  readonly port: number;
  readonly heads: readonly string[];
  readonly cpus: string;
  readonly seconds: number;
  readonly connections: number;
  readonly pauseMs: number;
}

async function checked(lab: Lab, { cpus, ...settings }: Check): Promise<GetResult> {
  const script = new URL('support/get-client.ts', import.meta.url).pathname;
  const words = JSON.stringify({ ...settings, host: '127.0.0.1', bodyBytes: BODY_BYTES });
  const result = await runChild(lab.scope, process.execPath, [script, words], { cpus });
  if (result.code !== 0) throw new Error(`the generator ended with ${result.code}: ${result.stderr}`);
  // Our own process printed it.
  return JSON.parse(result.stdout) as GetResult;
}
