import type { MaybePromise } from './wire.ts';

/**
 * What an edge sees of control. Retained topics are replayed when the link comes up again, so an
 * edge that lost control goes on with what it has and catches up by itself.
 */
export interface ControlLink {
  readonly connected: boolean;
  /** Asks control. Rejects with `BUS_AWAY` while control is gone, `BUS_TIMEOUT` after the time. */
  call(method: string, params: unknown, timeoutMs?: number): Promise<unknown>;
  /** Tells control; bounded, never waits. False: dropped (and counted by the link). */
  post(topic: string, data: unknown): boolean;
  /** Handles a retained topic; the message is acknowledged to control when the handler is done. */
  subscribe(topic: string, handler: (data: unknown) => MaybePromise<void>): void;
  /** Answers a question that control asks every edge (`EdgeLinks.collect`). */
  answer(topic: string, handler: () => unknown): void;
}

/** What control sees of its edges. */
export interface EdgeLinks {
  handle(method: string, handler: (params: unknown, edge: EdgeName) => MaybePromise<unknown>): void;
  onPost(topic: string, handler: (data: unknown, edge: EdgeName) => void): void;
  /** Called when an edge is gone, after its last message. */
  onGone(handler: (edge: EdgeName) => void): void;
  /**
   * Sets the retained value of a topic and sends it to every live edge; resolves when each has
   * acknowledged it or is gone. New edges get it when they connect.
   */
  publish(topic: string, data: unknown): Promise<void>;
  /** Asks every live edge; edges that do not answer in time are left out. */
  collect(topic: string, timeoutMs: number): Promise<ReadonlyMap<number, unknown>>;
}

export interface EdgeName {
  readonly pid: number;
  readonly generation: number;
}
