import type { ErrorFrame } from '../errors.ts';

/** What edges and control say to each other, one JSON document a line on `run/bus.sock`. */
export type EdgeFrame =
  /** `topics`: the retained ones that it is told; absent: all. */
  | {
      readonly t: 'hello';
      readonly pid: number;
      readonly generation: number;
      readonly topics?: readonly string[];
    }
  | { readonly t: 'call'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly t: 'post'; readonly topic: string; readonly data: unknown }
  | { readonly t: 'ack'; readonly id: number }
  | { readonly t: 'answer'; readonly id: number; readonly data: unknown };

export type ControlFrame =
  | { readonly t: 'result'; readonly id: number; readonly data: unknown }
  | { readonly t: 'fail'; readonly id: number; readonly error: ErrorFrame }
  | { readonly t: 'set'; readonly id: number; readonly topic: string; readonly data: unknown }
  | { readonly t: 'ask'; readonly id: number; readonly topic: string };

/**
 * The largest frame is the identity snapshot: 20,000 users of 500 bytes. What waits for an edge that
 * does not read is bounded by the same measure: it is cut then, and gets everything again when it is back.
 */
export const BUS_LIMITS = { frameBytesMax: 16 * 1024 ** 2, unsentBytesMax: 32 * 1024 ** 2 };

/** More edges than any machine has cores, of four generations at once. */
export const BUS_CONNECTIONS_MAX = 1024;

export function isEdgeFrame(frame: unknown): frame is EdgeFrame {
  if (!isTagged(frame)) return false;
  const id = typeof frame['id'] === 'number';
  switch (frame['t']) {
    case 'hello':
      return (
        typeof frame['pid'] === 'number' &&
        typeof frame['generation'] === 'number' &&
        (frame['topics'] === undefined || Array.isArray(frame['topics']))
      );
    case 'call':
      return id && typeof frame['method'] === 'string';
    case 'post':
      return typeof frame['topic'] === 'string';
    default:
      return id && (frame['t'] === 'ack' || frame['t'] === 'answer');
  }
}

export function isControlFrame(frame: unknown): frame is ControlFrame {
  if (!isTagged(frame) || typeof frame['id'] !== 'number') return false;
  switch (frame['t']) {
    case 'set':
    case 'ask':
      return typeof frame['topic'] === 'string';
    case 'fail':
      return typeof frame['error'] === 'object' && frame['error'] !== null;
    default:
      return frame['t'] === 'result';
  }
}

function isTagged(frame: unknown): frame is Readonly<Record<string, unknown>> {
  return typeof frame === 'object' && frame !== null && 't' in frame;
}
