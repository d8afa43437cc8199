import assert from 'node:assert/strict';

/**
 * Something that would take minutes if its cost were a square is done within `limitMs` of this thread's processor time
 * in one of five attempts: a busy machine is slow now and then, a square always.
 */
export async function assertNoSquare(limitMs: number, what: string, run: () => unknown): Promise<void> {
  let best = Infinity;
  for (let attempt = 0; attempt < 5 && best >= limitMs; attempt++) {
    const begun = process.threadCpuUsage();
    await run();
    const { user, system } = process.threadCpuUsage(begun);
    best = Math.min(best, (user + system) / 1000);
  }
  assert.ok(best < limitMs, `${what} took ${Math.round(best)} ms`);
}
