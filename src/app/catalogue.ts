import type { ServiceModule } from '../kernel/index.ts';
import { apiModule } from '../services/api/index.ts';
import { forwardProxyModule } from '../services/forward-proxy/index.ts';
import { icapModule } from '../services/icap/index.ts';
import { webReputationModule } from '../services/web-reputation/index.ts';
import type { EdgeEngines } from './edge/engines.ts';

/** The doors of an edge, in start order. Adding a door is one folder and one line here. */
export const catalogue: readonly ServiceModule<EdgeEngines>[] = [
  forwardProxyModule,
  webReputationModule,
  icapModule,
  // Last: when its ports answer `/readyz`, the others accept.
  apiModule,
];
