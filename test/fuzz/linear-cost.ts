import assert from 'node:assert/strict';
import { latin1 } from './http1-drive.ts';

/** What a decoder is to whoever only feeds it. */
export interface Fed {
  receive(bytes: Uint8Array): void;
  next(): { readonly kind: string };
}

/**
 * 32 times the bytes must cost a decoder about 32 times the time and not a thousand. `hostile` makes the beginning
 * of a message of about that many bytes; `warmUps`: rounds of the small one, for the compiler.
 */
export function assertLinearCost(
  open: () => Fed,
  hostile: Readonly<Record<string, (size: number) => string>>,
  warmUps: number,
): void {
  const time = (bytes: Buffer, step: number, rounds: number): number => {
    let best = Infinity;
    for (let round = 0; round < rounds; round++) {
      const decoder = open();
      const before = performance.now();
      for (let at = 0; at < bytes.length; at += step) {
        decoder.receive(bytes.subarray(at, at + step));
        for (;;) {
          const { kind } = decoder.next();
          if (kind === 'need-data' || kind === 'violation' || kind === 'closed') break;
        }
      }
      best = Math.min(best, performance.now() - before);
    }
    return best;
  };
  for (const [name, make] of Object.entries(hostile)) {
    // One piece, and pieces so small that rescanning or copying the rest each time would be seen.
    for (const step of [Infinity, 50]) {
      const size = step === Infinity ? 1 << 20 : 1 << 17;
      const small = latin1(`${make(size / 32)}\r\n\r\n`);
      const large = latin1(`${make(size)}\r\n\r\n`);
      // The constant forgives a coarse clock.
      const least = time(small, step, warmUps) + 0.01;
      let most = time(large, step, 2);
      // Quadratic cost is a thousand times in every attempt, a busy machine is not.
      for (let attempt = 0; attempt < 40 && most / least >= 200; attempt++) {
        most = Math.min(most, time(large, step, 1));
      }
      const ratio = most / least;
      assert.ok(ratio < 200, `${name}, step ${step}: ${ratio.toFixed(1)} times`);
    }
  }
}
