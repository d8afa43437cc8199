import type { Health, ServiceModule } from '../../kernel/index.ts';
import { urlRedactor } from '../../protocols/url/index.ts';
import { createCounters, type IcapContext, type IcapEngines, icapMetrics } from './context.ts';
import { HeldBudget } from '../../engines/exchange/index.ts';
import { createServiceTable } from './service-table.ts';
import { serveIcap } from './session.ts';
import { StallingClients } from './stalling-clients.ts';
import { createSubjectReader } from './subject.ts';
import { VersionTag } from './tag.ts';

export const icapModule: ServiceModule<IcapEngines> = {
  name: 'icap',
  summary:
    'ICAP and ICAPS (RFC 3507): proxies, file servers and mail gateways have requests and bodies judged.',
  ports: ['icap', 'icaps'],
  metrics: icapMetrics,

  create(engines, host) {
    const { config, clock, access, scan } = engines;
    const { icap, http } = config;
    const counters = createCounters(host.metrics);
    const prefix = `${process.pid.toString(36)}-${Math.trunc(clock.now()).toString(36)}-i`;
    let draining = false;
    let listening = false;
    let count = 0;
    const context: IcapContext = {
      ...engines,
      log: host.log,
      redactor: urlRedactor(config.log.redactQuery),
      counters,
      limits: { ...http, headBytesMax: icap.headBytesMax, encapsulatedBytesMax: icap.encapsulatedBytesMax },
      services: createServiceTable(icap),
      subjects: createSubjectReader(icap.trustedClients),
      tag: new VersionTag(() => [scan.version, access.policy.version]),
      held: new HeldBudget(icap.heldBytes, icap.heldTotal, counters.held),
      sessions: new WeakMap(),
      stalling: new StallingClients(),
      bodies: 0,
      draining: () => draining,
      nextId: () => prefix + (count++).toString(36),
    };
    return {
      async start() {
        await host.listen('icap', (wire) => serveIcap(wire, context));
        await host.listen('icaps', (wire) => serveIcap(wire, context));
        listening = true;
      },
      drain() {
        draining = true;
      },
      waiting: (wire) => context.sessions.get(wire)?.waiting === true,
      health(): Health {
        if (!listening) return { state: 'down', code: 'starting', reason: 'not listening' };
        return scan.health();
      },
    };
  },
};
