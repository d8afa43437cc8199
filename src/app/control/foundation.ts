import type { Clock, Log } from '../../kernel/index.ts';

/** What every engine of control is opened on. */
export interface Foundation {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
}
