import { setImmediate } from 'node:timers/promises';

/** Entries that are looked at before others get their turn. */
const SLICE = 500;

/** The first `limit` of those that pass, and whether there are more; slow sources do not hold the process. */
export async function firstOf<T>(
  all: Iterable<T>,
  limit: number,
  passes: (each: T) => boolean,
): Promise<{ readonly found: readonly T[]; readonly hasMore: boolean }> {
  const found: T[] = [];
  let left = SLICE;
  for (const each of all) {
    if (passes(each)) {
      if (found.length === limit) return { found, hasMore: true };
      found.push(each);
    }
    if (--left > 0) continue;
    left = SLICE;
    await setImmediate();
  }
  return { found, hasMore: false };
}
