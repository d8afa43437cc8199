import { performance } from 'node:perf_hooks';
import type { Clock } from '../kernel/index.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
