import { join } from 'node:path';
import { createLogRotation, createProcessSampler } from '../../engines/telemetry/index.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { Setting } from './setting.ts';

/** Certificates are looked at, and the own numbers sampled, this often. */
const REFRESH_MS = 3_600_000;
const SAMPLE_MS = 1000;
/** Sessions that were silent for too long are looked for this often. */
const SWEEP_MS = 10_000;

export interface Chores {
  /** Of the clock that is set. */
  readonly clockWatch: ClockWatch;
  /** Certificates: renews what is due. */
  refresh(): Promise<void>;
  /** Sessions: ends those that were silent for too long. */
  sweep(): Promise<void>;
  /** Takes over what others count. */
  count(): void;
  /** Health: finds out, and tells what has changed. Never rejects. */
  look(): Promise<void>;
}

/** What control does unasked: samples itself, turns the access log over, renews certificates. */
export function startBackground(
  { base, own, opened, current }: Setting,
  { clockWatch, refresh, sweep, count, look }: Chores,
): void {
  const { log, dataDir } = base;
  const sampler = opened.add(createProcessSampler(own, 'control'), (running) => running.close());
  const { enabled, fileBytesMax, filesMax } = current().accessLog;
  const path = join(dataDir, 'log', 'access.log');
  if (enabled) {
    opened.add(createLogRotation({ path, fileBytesMax, filesMax, log }), (rotation) => rotation.close());
  }
  const every = (ms: number, chore: () => void): void => {
    opened.add(setInterval(chore, ms), (timer) => clearInterval(timer));
  };
  const renew = (): void => {
    refresh().catch((error: unknown) => log.error('pki.refresh', { error }));
  };
  every(SAMPLE_MS, () => {
    sampler.sample();
    count();
    const jumpedMs = clockWatch.look();
    if (jumpedMs === 0) return;
    log.warn('clock.jumped', { jumpedMs });
    // A certificate that was made in a time to come is not valid yet.
    renew();
  });
  every(current().health.checkMs, () => void look());
  every(REFRESH_MS, renew);
  every(SWEEP_MS, () => {
    sweep().catch((error: unknown) => log.error('sessions.sweep', { error }));
  });
}
