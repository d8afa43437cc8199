import type { Health, ServiceModule } from '../../kernel/index.ts';
import { urlRedactor } from '../../protocols/url/index.ts';
import { HeldBudget } from '../../engines/exchange/index.ts';
import {
  createCounters,
  forwardProxyMetrics,
  type ForwardProxyEngines,
  type ProxyContext,
} from './context.ts';
import { serveProxy } from './session.ts';

export const forwardProxyModule: ServiceModule<ForwardProxyEngines> = {
  name: 'forward-proxy',
  summary: 'HTTP/1.1 proxy and CONNECT for programs on the internal network (RFC 9110, RFC 9112).',
  ports: ['forwardProxy'],
  metrics: forwardProxyMetrics,

  create(engines, host) {
    let draining = false;
    let listening = false;
    let count = 0;
    const prefix = `${process.pid.toString(36)}-${Math.trunc(engines.clock.now()).toString(36)}-`;
    const counters = createCounters(host.metrics);
    const { heldBytes, heldTotal } = engines.config.forwardProxy;
    const context: ProxyContext = {
      ...engines,
      log: host.log,
      redactor: urlRedactor(engines.config.log.redactQuery),
      sessions: new Map(),
      counters,
      held: new HeldBudget(heldBytes, heldTotal, counters.held),
      via: `1.1 ${engines.viaName}`,
      draining: () => draining,
      nextId: () => prefix + (count++).toString(36),
    };
    return {
      async start() {
        await host.listen('forwardProxy', (wire) => serveProxy(wire, context));
        listening = true;
      },
      drain() {
        draining = true;
      },
      waiting: (wire) => context.sessions.get(wire)?.waiting === true,
      health(): Health {
        if (!listening) return { state: 'down', code: 'starting', reason: 'not listening' };
        const down = engines.egress.parentsDown();
        if (down.length === 0) return { state: 'ok' };
        const reason = `parent proxies do not answer: ${down.join(', ')}`;
        return { state: 'degraded', code: 'parent-down', reason };
      },
    };
  },
};
