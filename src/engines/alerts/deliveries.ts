import { messageOf } from '../../kernel/index.ts';
import type { Notice } from './alarm.ts';

/** How a notice reaches somebody. */
export type Channel =
  | { readonly kind: 'mail'; readonly to: readonly string[] }
  | { readonly kind: 'webhook'; readonly url: string }
  | { readonly kind: 'target'; readonly name: string };

/** A notice on its way over one channel. Plain data: it survives a restart. */
export interface Delivery {
  /** Unique; a receiver that gets it twice can tell. */
  readonly id: string;
  readonly channel: Channel;
  readonly notice: Notice;
  readonly tries: number;
  /** Milliseconds since 1970: not before. */
  readonly nextAtMs: number;
}

/** `undefined`: handed over. `permanent`: trying again is of no use. */
export type SendFailure = { readonly permanent: boolean; readonly reason: string } | undefined;
export type SendNotice = (delivery: Delivery) => Promise<SendFailure>;

export interface DeliveryLimits {
  /** That wait; the oldest are given up. */
  readonly waitingMax: number;
  /** How long one is tried. */
  readonly giveUpMs: number;
}

export interface DeliveryCounts {
  sent(kind: Channel['kind']): void;
  failed(kind: Channel['kind']): void;
  lost(kind: Channel['kind'], reason: string): void;
}

const RETRY_MS = 5000;
const RETRY_MAX_MS = 600_000;
/** Letters and calls at once; each has a time limit of its own. */
const AT_ONCE = 4;

/** Notices that wait for their channels, each tried until it is handed over or too old. */
export class Deliveries {
  readonly #send: SendNotice;
  readonly #limits: () => DeliveryLimits;
  readonly #counts: DeliveryCounts;
  #waiting: Delivery[] = [];
  readonly #running = new Map<string, Promise<void>>();
  #trouble = new Map<string, string>();

  constructor(send: SendNotice, limits: () => DeliveryLimits, counts: DeliveryCounts) {
    this.#send = send;
    this.#limits = limits;
    this.#counts = counts;
  }

  /** Those under way are among them. */
  get waiting(): readonly Delivery[] {
    return this.#waiting;
  }

  /** Channels that failed last, with the reason; empty: all is well. */
  get trouble(): readonly string[] {
    return [...this.#trouble].map(([channel, reason]) => `${channel}: ${reason}`);
  }

  add(deliveries: readonly Delivery[]): void {
    this.#waiting.push(...deliveries);
    const tooMany = this.#waiting.length - this.#limits().waitingMax;
    if (tooMany <= 0) return;
    for (const { channel } of this.#waiting.slice(0, tooMany))
      this.#counts.lost(channel.kind, 'too many wait');
    this.#waiting = this.#waiting.slice(tooMany);
  }

  /** Starts what is due. */
  run(nowMs: number): void {
    for (const delivery of this.#waiting) {
      if (this.#running.size >= AT_ONCE) return;
      if (delivery.nextAtMs > nowMs || this.#running.has(delivery.id)) continue;
      const done = this.#try(delivery, nowMs).finally(() => this.#running.delete(delivery.id));
      this.#running.set(delivery.id, done);
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #try(delivery: Delivery, nowMs: number): Promise<void> {
    const { channel, notice } = delivery;
    const failure = await this.#send(delivery).catch((error: unknown) => ({
      permanent: false,
      reason: messageOf(error),
    }));
    const name = channelName(channel);
    const at = this.#waiting.findIndex(({ id }) => id === delivery.id);
    if (failure === undefined) {
      this.#counts.sent(channel.kind);
      this.#trouble.delete(name);
      if (at >= 0) this.#waiting.splice(at, 1);
      return;
    }
    this.#counts.failed(channel.kind);
    this.#trouble.set(name, failure.reason);
    if (at < 0) return;
    const isOver = failure.permanent || nowMs - notice.atMs >= this.#limits().giveUpMs;
    if (isOver) {
      this.#waiting.splice(at, 1);
      this.#counts.lost(channel.kind, failure.reason);
      return;
    }
    const waitMs = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** Math.min(delivery.tries, 20));
    this.#waiting[at] = { ...delivery, tries: delivery.tries + 1, nextAtMs: nowMs + waitMs };
  }
}

export function channelName(channel: Channel): string {
  switch (channel.kind) {
    case 'mail':
      return `mail to ${channel.to.join(', ')}`;
    case 'webhook':
      return `webhook ${hostOf(channel.url)}`;
    case 'target':
      return `log target ${channel.name}`;
  }
}

/** Paths of webhooks are often secrets: only the host is shown. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? '?';
}
