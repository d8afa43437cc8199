import type { Host, Service, ServiceModule } from '../../kernel/index.ts';
import { inspectionMetrics } from '../../engines/inspection/index.ts';
import { safeBrowsingMetrics } from '../../engines/safe-browsing/index.ts';
import { type WebReputationEngines, webReputationMetrics } from './context.ts';
import { webReputationSite } from './site.ts';

export const webReputationModule: ServiceModule<WebReputationEngines> = {
  name: 'web-reputation',
  summary: 'Says what is known about URLs: browsers, mail filters and proxies ask.',
  ports: ['webReputation', 'webReputationTls'],
  metrics: [...webReputationMetrics, ...safeBrowsingMetrics, ...inspectionMetrics],

  create(engines, host: Host): Service {
    const server = webReputationSite(engines, host.log, host.metrics);
    let listening = false;
    return {
      async start() {
        for (const key of webReputationModule.ports) {
          const times = engines.config.listeners[key];
          await host.listen(key, (wire) => server.serve(wire, times));
        }
        listening = true;
      },
      drain: () => server.drain(),
      waiting: (wire) => server.waiting(wire),
      health: () =>
        listening ? { state: 'ok' } : { state: 'down', code: 'starting', reason: 'not listening' },
    };
  },
};
