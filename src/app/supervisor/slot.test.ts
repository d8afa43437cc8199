import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Child } from '../../platform/index.ts';
import type { FromChild } from '../messages.ts';
import { openSlot, type Slot, type SlotOptions } from './slot.io.ts';

interface Born extends Child {
  readonly sent: string[];
  says(message: FromChild): void;
  dies(why: string): void;
  readonly killed: boolean;
}

/** A slot whose processes are in the hands of the test; time stands still until it is moved. */
function setUp(t: TestContext): { readonly slot: Slot; readonly born: Born[]; tick(ms: number): void } {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const born: Born[] = [];
  const fork: SlotOptions['fork'] = (events) => {
    let killed = false;
    const sent: string[] = [];
    const child: Born = {
      pid: 100 + born.length,
      sent,
      get killed() {
        return killed;
      },
      send: (message) => sent.push('kind' in message ? String(message.kind) : '?') > 0,
      kill: () => {
        killed = true;
        events.onExit('SIGKILL');
      },
      says: (message) => events.onMessage(message),
      dies: (why) => events.onExit(why),
    };
    born.push(child);
    return child;
  };
  const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const slot = openSlot({
    role: 'edge',
    generation: 1,
    log: quiet,
    fork,
    begin: (child) => void child.send({ kind: 'start' }),
    onMessage: nothing,
    onChange: nothing,
  });
  return {
    slot,
    born,
    tick: (ms) => {
      now += ms;
      t.mock.timers.tick(ms);
    },
  };
}

function nothing(): void {}

const READY: FromChild = { kind: 'ready', notices: ['hello'] };

test('a process that was ready and dies is replaced, later each time, and soon again after a quiet minute', async (t) => {
  const { slot, born, tick } = setUp(t);
  born[0]?.says(READY);
  assert.deepEqual(await slot.firstReady, ['hello']);
  for (const delayMs of [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    const count = born.length;
    born.at(-1)?.dies('SIGSEGV');
    assert.equal(slot.fact.state, 'waiting');
    tick(delayMs - 1);
    assert.equal(born.length, count, `nothing before ${delayMs} ms`);
    tick(1);
    assert.equal(born.length, count + 1);
    assert.deepEqual(born.at(-1)?.sent, ['start']);
    born.at(-1)?.says(READY);
  }
  assert.equal(slot.restarts, 9);
  tick(60_000);
  const count = born.length;
  born.at(-1)?.dies('exit 1');
  tick(250);
  assert.equal(born.length, count + 1);
});

test('a process that fails or dies before it was ever ready is not replaced: the start fails with its reason', async (t) => {
  const failing = setUp(t);
  const error = {
    code: 'STATE_LOCKED',
    kind: 'refused',
    message: 'taken {x}',
    hint: undefined,
    exit: 4,
  } as const;
  failing.born[0]?.says({ kind: 'failed', error });
  await assert.rejects(failing.slot.firstReady, { code: 'STATE_LOCKED', message: 'taken {x}' });
  assert.ok(failing.born[0]?.killed);
  await failing.slot.gone;
  t.mock.timers.reset();
  t.mock.restoreAll();

  const dying = setUp(t);
  dying.born[0]?.dies('exit 1');
  await assert.rejects(dying.slot.firstReady, { code: 'CHILD_LOST' });
  await dying.slot.gone;
  dying.tick(60_000);
  assert.equal(dying.born.length, 1);
});

test('a process that hangs in its start is given up after a minute', async (t) => {
  const { slot, born, tick } = setUp(t);
  tick(59_999);
  assert.equal(born[0]?.killed, false);
  tick(1);
  await assert.rejects(slot.firstReady, { code: 'CHILD_SLOW' });
  assert.ok(born[0]?.killed);
});

test('a process that is told to end is cut when it does not, and never replaced', async (t) => {
  const { slot, born, tick } = setUp(t);
  born[0]?.says(READY);
  slot.stop(10_000);
  assert.deepEqual(born[0]?.sent, ['start', 'stop']);
  assert.equal(slot.fact.state, 'draining');
  tick(11_999);
  assert.equal(born[0]?.killed, false);
  tick(1);
  assert.ok(born[0]?.killed);
  await slot.gone;
  tick(60_000);
  assert.equal(born.length, 1);
});

test('a slot that waits to start a process again ends at once', async (t) => {
  const { slot, born, tick } = setUp(t);
  born[0]?.says(READY);
  born[0]?.dies('SIGKILL');
  slot.stop(10_000);
  await slot.gone;
  tick(60_000);
  assert.equal(born.length, 1);
});

test('a process that becomes ready after it was told to end is still cut at its deadline', async (t) => {
  const { slot, born, tick } = setUp(t);
  slot.stop(1000);
  born[0]?.says(READY);
  assert.equal(slot.fact.state, 'draining');
  tick(3000);
  assert.ok(born[0]?.killed);
  await slot.gone;
});

test('a fork that throws is a process that died', async () => {
  const slot = openSlot({
    role: 'edge',
    generation: 1,
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    fork: () => {
      throw new Error('spawn ENOMEM');
    },
    begin: nothing,
    onMessage: nothing,
    onChange: nothing,
  });
  await assert.rejects(slot.firstReady, { code: 'CHILD_LOST', message: /ENOMEM/ });
  await slot.gone;
});
