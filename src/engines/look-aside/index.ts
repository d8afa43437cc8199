export { lookAsideErrors } from './errors.ts';
export { createLookAside, type LookAside, type LookAsideOptions } from './look-aside.ts';
export { lookAsideMetrics } from './metrics.ts';
export { serveQuotas } from './quota.ts';
export { LOOK_ASIDE_FIELD } from './upstream.ts';
