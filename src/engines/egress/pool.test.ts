import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireEnd } from '../../kernel/index.ts';
import type { SocketWire } from '../../platform/index.ts';
import { Pool } from './pool.ts';

/** What the pool uses of a wire, with behavior. */
class FakeWire {
  destroyed = false;
  quiet = true;
  #closed: ((end: WireEnd) => void) | undefined;
  #sink: ((chunk: Uint8Array | undefined) => void) | undefined;
  destroy(): void {
    this.destroyed = true;
  }
  onClose(listener: ((end: WireEnd) => void) | undefined): void {
    this.#closed = listener;
  }
  setSink(sink: (chunk: Uint8Array | undefined) => void): void {
    this.#sink = sink;
  }
  clearSink(): void {
    this.#sink = undefined;
  }
  speak(): void {
    this.#sink?.(Buffer.from('HTTP/1.1 408'));
  }
  close(): void {
    this.#closed?.('reset');
  }
  asWire(): SocketWire {
    return this as unknown as SocketWire; // the pool calls no other member
  }
}

function setUp() {
  let now = 0;
  const pool = new Pool(
    { idlePerHostMax: 2, idleMax: 3, idleMs: 1000 },
    { now: () => now, monotonic: () => now },
  );
  const give = (key: string): FakeWire => {
    const wire = new FakeWire();
    pool.give(key, wire.asWire());
    return wire;
  };
  return { pool, give, pass: (ms: number) => (now += ms) };
}

test('the most recently used connection of the same host is taken first', () => {
  const { pool, give } = setUp();
  const first = give('a');
  const second = give('a');
  assert.equal(pool.take('b'), undefined);
  assert.equal(pool.take('a'), second.asWire());
  assert.equal(pool.take('a'), first.asWire());
  assert.equal(pool.take('a'), undefined);
  assert.equal(pool.count, 0);
});

test('a server that speaks or closes while idle costs its connection', () => {
  const { pool, give } = setUp();
  const speaks = give('a');
  const closes = give('a');
  speaks.speak();
  closes.close();
  assert.equal(speaks.destroyed, true);
  assert.equal(pool.take('a'), undefined);
  assert.equal(pool.count, 0);
});

test('what waited too long is not used', () => {
  const { pool, give, pass } = setUp();
  const wire = give('a');
  pass(1000);
  assert.equal(pool.take('a'), undefined);
  assert.equal(wire.destroyed, true);
});

test('a connection with something unread is not kept', () => {
  const { pool } = setUp();
  const wire = new FakeWire();
  wire.quiet = false;
  pool.give('a', wire.asWire());
  assert.equal(wire.destroyed, true);
});

test('both bounds hold: of one host, and of all', () => {
  const { pool, give } = setUp();
  const wires = [give('a'), give('a'), give('a'), give('b'), give('c')];
  assert.deepEqual(
    wires.map((wire) => wire.destroyed),
    [false, false, true, false, true],
  );
  assert.equal(pool.count, 3);
});

test('closing the pool closes what it holds', () => {
  const { pool, give } = setUp();
  const wires = [give('a'), give('b')];
  pool.close();
  assert.ok(wires.every((wire) => wire.destroyed));
  assert.equal(pool.count, 0);
});
