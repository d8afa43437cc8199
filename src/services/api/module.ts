import type { Host, Service, ServiceModule } from '../../kernel/index.ts';
import { type ApiEngines, apiMetrics } from './context.ts';
import { apiSite } from './site.ts';

export const apiModule: ServiceModule<ApiEngines> = {
  name: 'api',
  summary: 'Queries, files that clients need, metrics and the management API over HTTP.',
  ports: ['http', 'https'],
  metrics: apiMetrics,

  create(engines, host: Host): Service {
    const server = apiSite(engines, host.log, host.metrics);
    let listening = false;
    return {
      async start() {
        for (const key of apiModule.ports) {
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
