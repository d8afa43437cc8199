import type { Clock, EdgeLinks } from '../../kernel/index.ts';
import type { LookAsideConfig } from '../config/index.ts';

/** Asked by edges before each question: `{upstream}` → `{taken}`. */
export const TAKE_METHOD = 'look-aside.take';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface Used {
  minute: number;
  inMinute: number;
  day: number;
  inDay: number;
}

/**
 * Counts the questions of all edges, by minute and by day (UTC, when VirusTotal begins a new one). In memory: a
 * restart of the gateway begins anew, and an upstream that minds says 429.
 */
export class QuotaBook {
  readonly #config: () => LookAsideConfig;
  readonly #clock: Clock;
  readonly #used = new Map<string, Used>();

  constructor(config: () => LookAsideConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** One question may be asked. */
  take(name: string): boolean {
    const upstream = this.#config().upstreams.find((each) => each.name === name);
    if (upstream === undefined) return false;
    const now = this.#clock.now();
    const minute = Math.floor(now / MINUTE_MS);
    const day = Math.floor(now / DAY_MS);
    const used = this.#used.get(name) ?? { minute, inMinute: 0, day, inDay: 0 };
    this.#used.set(name, used);
    if (used.minute !== minute) Object.assign(used, { minute, inMinute: 0 });
    if (used.day !== day) Object.assign(used, { day, inDay: 0 });
    if (upstream.perMinute > 0 && used.inMinute >= upstream.perMinute) return false;
    if (upstream.perDay > 0 && used.inDay >= upstream.perDay) return false;
    used.inMinute++;
    used.inDay++;
    return true;
  }
}

/** In control: one book for all edges. Only names of the configuration are kept, so it is bounded. */
export function serveQuotas(
  links: Pick<EdgeLinks, 'handle'>,
  config: () => LookAsideConfig,
  clock: Clock,
): void {
  const book = new QuotaBook(config, clock);
  links.handle(TAKE_METHOD, (params) => ({ taken: book.take(upstreamIn(params)) }));
}

function upstreamIn(params: unknown): string {
  return typeof params === 'object' && params !== null && 'upstream' in params ? String(params.upstream) : '';
}
