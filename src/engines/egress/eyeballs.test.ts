import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt, DialFailure, Dialer, SocketWire } from '../../platform/index.ts';
import { connectAny } from './eyeballs.io.ts';

const times = { connectMs: 5000, connectTotalMs: 5000, attemptDelayMs: 20 };

/** A dialer whose addresses behave as told: `ok`, a failure, or never an answer. */
function scripted(script: Record<string, 'ok' | 'hang' | DialFailure>) {
  const dialed: string[] = [];
  const cancelled: string[] = [];
  const destroyed: string[] = [];
  const dialer = {
    dial(address: string): Attempt {
      dialed.push(address);
      const how = script[address]!;
      const wire = { address, destroy: () => destroyed.push(address) } as unknown as SocketWire;
      const result =
        how === 'hang' ? new Promise<never>(() => undefined) : Promise.resolve(how === 'ok' ? wire : how);
      return new Scripted(result, () => void cancelled.push(address));
    },
  } as unknown as Dialer; // only dial is called
  return { dialer, dialed, cancelled, destroyed };
}

/** As the real one: `cancel` belongs to its object. */
class Scripted implements Attempt {
  readonly result: Attempt['result'];
  readonly #cancelled: () => void;

  constructor(result: Attempt['result'], cancelled: () => void) {
    this.result = result;
    this.#cancelled = cancelled;
  }

  cancel(): void {
    this.#cancelled();
  }
}

async function connected(script: Record<string, 'ok' | 'hang' | DialFailure>) {
  const set = scripted(script);
  const result = await connectAny(set.dialer, Object.keys(script), 80, times);
  return {
    ...set,
    result: typeof result === 'string' ? result : (result as unknown as { address: string }).address,
  };
}

test('a failure moves on at once, the first success wins', async () => {
  const { result, dialed } = await connected({ six: 'unreachable', four: 'ok', other: 'hang' });
  assert.equal(result, 'four');
  assert.deepEqual(dialed, ['six', 'four']);
});

test('a slow address is given up as soon as another answers', async () => {
  const { result, cancelled } = await connected({ six: 'hang', four: 'ok' });
  assert.equal(result, 'four');
  assert.deepEqual(cancelled, ['six']);
});

test('when all fail the last failure is the answer', async () => {
  const { result } = await connected({ a: 'unreachable', b: 'refused' });
  assert.equal(result, 'refused');
});

test('when none answers the time is over once', async () => {
  const { dialer, cancelled } = scripted({ a: 'hang', b: 'hang' });
  const result = await connectAny(dialer, ['a', 'b'], 80, { ...times, connectTotalMs: 60 });
  assert.equal(result, 'timeout');
  assert.deepEqual(cancelled.toSorted(), ['a', 'b']);
});
