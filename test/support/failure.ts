import assert from 'node:assert/strict';
import { GatewayError } from '../../src/kernel/index.ts';

/** The gateway's error that something ends with; anything else fails the test. */
export async function failureOf(run: Promise<unknown> | (() => unknown)): Promise<GatewayError> {
  try {
    await (typeof run === 'function' ? run() : run);
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    return error;
  }
  assert.fail('nothing was thrown');
}
