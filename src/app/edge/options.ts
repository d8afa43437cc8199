import type { Clock, Log, PortKey } from '../../kernel/index.ts';
import type { NativeHandle } from '../../platform/index.ts';
import type { EdgeControlLink } from '../bus/control-link.io.ts';
import type { ChildStart } from '../messages.ts';

/** What an edge is started with. */
export interface EdgeOptions extends ChildStart {
  readonly pid: number;
  readonly handles: ReadonlyMap<PortKey, readonly NativeHandle[]>;
  readonly link: EdgeControlLink;
  readonly log: Log;
  readonly clock: Clock;
}

export interface Edge {
  /** Finishes as `drain.*` says; resolves when nothing is left. */
  drain(): Promise<void>;
  /** Closes what only waits at once and cuts the rest at the deadline. */
  stop(deadlineMs: number): Promise<void>;
}
