import { hostname } from 'node:os';
import { createSessionReplica } from '../../engines/identity/index.ts';
import {
  createEventQueue,
  createMetrics,
  createProcessSampler,
  EVENT_QUEUE_METRICS,
  postMetrics,
  PROCESS_METRICS,
} from '../../engines/telemetry/index.ts';
import { acceptOn } from '../../platform/index.ts';
import { sshModule } from '../../services/ssh/index.ts';
import type { EdgeReport } from '../control/part-reports.ts';
import { BUS_METRICS } from '../bus-metrics.ts';
import { drain } from '../edge/drain.io.ts';
import type { Edge, EdgeOptions } from '../edge/options.ts';
import { createHost, HOST_METRICS } from '../edge/host.ts';
import { runLater } from '../edge/later.io.ts';
import { VERSION } from '../version.ts';

/** All that control tells this process unasked: who is signed in. No key and no token comes here. */
export const ADMIN_TOPICS: readonly string[] = ['sessions'];

/** The process of the SSH door: it parses what strangers send, and knows neither accounts nor secrets. */
export async function openAdmin(options: EdgeOptions): Promise<Edge> {
  const { config, link, log, clock } = options;
  const metrics = createMetrics([
    ...PROCESS_METRICS,
    ...BUS_METRICS,
    ...HOST_METRICS,
    ...EVENT_QUEUE_METRICS,
    ...sshModule.metrics,
  ]);
  const host = createHost({
    // Limits are of the whole gateway, and this is the only process that has the door.
    config: { ...config, edges: 1 },
    handles: options.handles,
    log,
    metrics,
    secureContext: () => {
      throw new TypeError('the SSH door has no TLS');
    },
    acceptOn,
    portOf: () => options.ports.find((row) => row.door === 'ssh')?.listenPort,
  });
  const sessions = createSessionReplica({ link, clock, idleMs: config.sessions.idleMs });
  const events = createEventQueue(link, config.events.queueMax, { metrics });
  let stopping = false;
  const service = sshModule.create(
    {
      config,
      clock,
      link,
      sessions,
      events,
      version: VERSION,
      hostName: hostname().split('.')[0] ?? 'sallyport',
      stopping: () => stopping,
      later: runLater,
    },
    host,
  );
  const posting = postMetrics(link, metrics, createProcessSampler(metrics, 'admin'));
  link.onDropped(() => metrics.counter('bus_posts_dropped_total').add());
  link.answer('status', (): EdgeReport => ({
    connections: host.open,
    services: [{ door: sshModule.name, health: service.health() }],
  }));
  await firstSessions(link, sessions);
  await service.start();

  const cut = new AbortController();
  let finishing: Promise<void> | undefined;
  const finish = (idleMs: number, maxMs: number): Promise<void> => {
    finishing ??= (async () => {
      await drain(host, [service], { idleMs, maxMs, now: () => clock.monotonic() }, cut.signal);
      posting.close();
      events.close();
      link.close();
    })();
    return finishing;
  };
  return {
    drain: () => finish(config.drain.idleMs, config.drain.maxMs),
    stop: (deadlineMs) => {
      stopping = true;
      const timer = setTimeout(() => cut.abort(), deadlineMs);
      return finish(0, deadlineMs).finally(() => clearTimeout(timer));
    },
  };
}

/** Opens the link and waits until control has said who is signed in: a session is known by it. */
async function firstSessions(
  link: EdgeOptions['link'],
  sessions: ReturnType<typeof createSessionReplica>,
): Promise<void> {
  const first = Promise.withResolvers<void>();
  link.subscribe('sessions', (data) => {
    sessions.apply(data);
    first.resolve();
  });
  link.open();
  await first.promise;
}
