/**
 * A process that sends events to control as an edge does, over the same socket and through the same queue, at a steady
 * rate: `node event-feed.ts '{"socketDir":…,"rate":10000,"seconds":20}'`. Prints what it posted and what its queue lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createControlLink } from '../../src/app/bus/control-link.io.ts';
import { BUS_LIMITS } from '../../src/app/bus/frames.ts';
import { createEventQueue, createMetrics, EVENT_QUEUE_METRICS } from '../../src/engines/telemetry/index.ts';
import { connectUnix } from '../../src/platform/index.ts';
import { officeEvent } from './office-events.ts';

export interface FeedSettings {
  readonly socketDir: string;
  /** Events a second. */
  readonly rate: number;
  readonly seconds: number;
}

export interface FeedResult {
  readonly posted: number;
  readonly dropped: number;
  readonly seconds: number;
  /** What making and sending them took of a processor. */
  readonly cpuMs: number;
}

const TICK_MS = 10;
/** The default of `events.queueMax`. */
const QUEUE_MAX = 10_000;

const settings = JSON.parse(process.argv[2] ?? '{}') as FeedSettings;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const link = createControlLink({
  pid: process.pid,
  generation: 0,
  log: silent,
  topics: [],
  connect: (events) => connectUnix(`${settings.socketDir}/bus.sock`, BUS_LIMITS, events),
  random: () => 0.5,
});
link.open();
while (!link.connected) await sleep(10);
const queue = createEventQueue(link, QUEUE_MAX, { metrics: createMetrics(EVENT_QUEUE_METRICS) });
const begun = performance.now();
let posted = 0;
let dropped = 0;
for (let passed = 0; passed < settings.seconds * 1000; passed = performance.now() - begun) {
  const due = Math.floor((passed / 1000) * settings.rate) - posted - dropped;
  for (let count = 0; count < due; count++) {
    if (queue.post(officeEvent(posted, Date.now()))) posted++;
    else dropped++;
  }
  await sleep(TICK_MS);
}
const seconds = (performance.now() - begun) / 1000;
queue.close();
// What is in the socket's buffer goes out before the end.
await sleep(1000);
const { user, system } = process.cpuUsage();
const result: FeedResult = { posted, dropped, seconds, cpuMs: (user + system) / 1000 };
process.stdout.write(`${JSON.stringify(result)}\n`);
link.close();
process.exit();
