import type { ControlLink, Counter, DoorName, MetricDeclaration, Metrics } from '../../kernel/index.ts';

/** Something that an operator may want to search for later. Plain data without secrets. */
export interface GatewayEvent {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** Lower-case words with dots: `decision.block`, `login.failed`, `edge.gone`. */
  readonly type: string;
  readonly severity: 'info' | 'warn' | 'error';
  readonly door: DoorName | undefined;
  readonly source: string | undefined;
  readonly user: string | undefined;
  /** What it was about: a URL, a feed, a token's name. */
  readonly target: string | undefined;
  /** Stable reason code. */
  readonly reason: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What an edge posts on the topic `events`. */
export interface EventBatch {
  readonly events: readonly GatewayEvent[];
  /** Events that were lost before this batch, since the one before. */
  readonly dropped: number;
}

export interface EventQueue {
  /** Never waits. False: the queue is full and the event is lost, and counted. */
  post(event: GatewayEvent): boolean;
  /** Sends what waits, if the link takes it, and stops the timer. */
  close(): void;
}

export const EVENT_QUEUE_METRICS: readonly MetricDeclaration[] = [
  { name: 'events_total', type: 'counter', help: 'Events that happened, lost ones too' },
  {
    name: 'events_dropped_total',
    type: 'counter',
    help: 'Events lost because the queue to control was full',
  },
];

const BATCH_MS = 200;
/** A batch is one message on the link: 200 events of about 400 bytes keep it well below 1 MiB. */
const BATCH_EVENTS_MAX = 200;

/**
 * Events on their way to control. While control is away they wait, up to `queueMax`; later ones are
 * dropped and counted, so that the first events of an incident stay.
 */
export function createEventQueue(
  link: ControlLink,
  queueMax: number,
  { metrics, batchMs = BATCH_MS }: { readonly metrics: Metrics; readonly batchMs?: number },
): EventQueue {
  const total: Counter = metrics.counter('events_total');
  const lost: Counter = metrics.counter('events_dropped_total');
  let waiting: GatewayEvent[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function send(): void {
    timer = undefined;
    while (waiting.length > 0 && link.connected) {
      const batch: EventBatch = { events: waiting.slice(0, BATCH_EVENTS_MAX), dropped };
      if (!link.post('events', batch)) break;
      waiting = waiting.slice(batch.events.length);
      dropped = 0;
    }
    if (waiting.length > 0 && !closed) arm();
  }

  function arm(): void {
    timer ??= setTimeout(send, batchMs).unref();
  }

  return {
    post(event) {
      total.add();
      if (closed || waiting.length >= queueMax) {
        dropped++;
        lost.add();
        return false;
      }
      waiting.push(event);
      arm();
      return true;
    },
    close() {
      closed = true;
      clearTimeout(timer);
      send();
    },
  };
}
