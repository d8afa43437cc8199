import type { Clock } from '../../kernel/index.ts';

/** Ids for the access log, unique in this gateway: letter of the door, process, start, count. */
export function requestIds(letter: string, clock: Clock): () => string {
  const prefix = `${letter}${process.pid.toString(36)}-${Math.trunc(clock.now()).toString(36)}-`;
  let count = 0;
  return () => prefix + (count++).toString(36);
}
