import type { Config } from '../../engines/config/index.ts';
import type { State } from '../../engines/state/index.ts';
import type { MetricSlots } from '../../engines/telemetry/index.ts';
import type { EdgeLinks } from '../../kernel/index.ts';
import type { Foundation } from './foundation.ts';
import type { Gateway } from './gateway.ts';
import type { Opened } from './opened.ts';

/** What every room of the running control builds on. */
export interface Setting {
  readonly base: Foundation;
  readonly state: State;
  readonly links: EdgeLinks;
  readonly gateway: Gateway;
  /** What control itself counts. */
  readonly own: MetricSlots;
  readonly opened: Opened;
  /** The configuration as it is now. */
  current(): Config;
}
