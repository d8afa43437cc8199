import type { Config } from '../../engines/config/index.ts';
import type { PortKey, Service } from '../../kernel/index.ts';
import { acceptOn } from '../../platform/index.ts';
import { createMetrics, createProcessSampler, postMetrics } from '../../engines/telemetry/index.ts';
import type { EdgeControlLink } from '../bus/control-link.io.ts';
import { catalogue } from '../catalogue.ts';
import type { EdgeReport } from '../control/part-reports.ts';
import { EDGE_METRICS } from './metrics.ts';
import { drain } from './drain.io.ts';
import { listenPortIn, openEdgeEngines } from './engines.ts';
import { createHost } from './host.ts';
import type { Edge, EdgeOptions } from './options.ts';
import { createServerTls, isTlsMaterial, readClientCa, type ServerTls } from './tls.io.ts';

/** Composes the engines and doors of one edge and starts them: resolves when every port accepts. */
export async function openEdge(options: EdgeOptions): Promise<Edge> {
  const { config, link, log, clock } = options;
  const metrics = createMetrics(EDGE_METRICS);
  const tls = createServerTls();
  let state: 'starting' | 'ready' | 'draining' = 'starting';
  const host = createHost({
    config,
    handles: options.handles,
    log,
    metrics,
    secureContext: () => tls.context(),
    clientCertificates: (key) => clientCertificatesOf(key, config, tls),
    acceptOn,
    portOf: (key) => listenPortIn(options.ports, key),
  });
  const { engines, topics, close } = openEdgeEngines(options, {
    metrics,
    caPem: () => tls.current?.caPem,
    notReady: () => (state === 'ready' ? [] : [state]),
  });
  const doors = catalogue.map((module) => ({ door: module.name, service: module.create(engines, host) }));
  const services: readonly Service[] = doors.map(({ service }) => service);
  const posting = postMetrics(link, metrics, createProcessSampler(metrics, 'edge'));
  link.onDropped(() => metrics.counter('bus_posts_dropped_total').add());
  link.answer('status', (): EdgeReport => ({
    connections: host.open,
    services: doors.map(({ door, service }) => ({ door, health: service.health() })),
  }));
  await firstOf(link, { ...topics, tls: (data) => applyTls(tls, data) });
  for (const service of services) await service.start();
  state = 'ready';

  const cut = new AbortController();
  let finishing: Promise<void> | undefined;
  const finish = (idleMs: number, maxMs: number): Promise<void> => {
    finishing ??= (async () => {
      state = 'draining';
      await drain(host, services, { idleMs, maxMs, now: () => clock.monotonic() }, cut.signal);
      posting.close();
      await close();
      link.close();
    })();
    return finishing;
  };
  return {
    drain: () => finish(config.drain.idleMs, config.drain.maxMs),
    stop: (deadlineMs) => {
      const timer = setTimeout(() => cut.abort(), deadlineMs);
      return finish(0, deadlineMs).finally(() => clearTimeout(timer));
    },
  };
}

/** Only ICAPS asks clients for certificates. */
function clientCertificatesOf(key: PortKey, { icap }: Config, tls: ServerTls) {
  if (key !== 'icaps' || icap.clientCertificates === 'none' || icap.clientCaFile === undefined)
    return undefined;
  const caPem = readClientCa(icap.clientCaFile);
  return { required: icap.clientCertificates === 'require', context: () => tls.contextFor(caPem) };
}

function applyTls(tls: ServerTls, data: unknown): void {
  if (!isTlsMaterial(data)) throw new TypeError('the topic tls has an unknown shape');
  tls.apply(data);
}

type Topics = Readonly<Record<string, (data: unknown) => void | Promise<void>>>;

/** Opens the link and waits for the first value of every topic: an edge serves nobody on half of what it needs. */
async function firstOf(link: EdgeControlLink, topics: Topics): Promise<void> {
  const firsts = Object.entries(topics).map(([topic, apply]) => {
    const first = Promise.withResolvers<void>();
    link.subscribe(topic, async (data) => {
      await apply(data);
      first.resolve();
    });
    return first.promise;
  });
  link.open();
  await Promise.all(firsts);
}
