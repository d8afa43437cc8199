import { setImmediate } from 'node:timers/promises';

/** Lets everything that waits have its turn: long work stays short for others. */
export function turn(): Promise<void> {
  return setImmediate();
}
