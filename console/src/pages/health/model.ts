import type { Tone } from '../../ui/basics.tsx';

export const HEALTH_TONE: Readonly<Record<string, Tone>> = {
  ok: 'good',
  ready: 'good',
  degraded: 'warn',
  down: 'bad',
  failed: 'bad',
};
