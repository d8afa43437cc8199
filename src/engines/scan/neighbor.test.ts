import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answered, Neighbor, type NeighborConnection } from './neighbor.io.ts';

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

class Line implements NeighborConnection {
  usable = true;
  answers = 0;
  onGone = (): void => {};
  idle(): void {}
  destroy(): void {
    this.usable = false;
    this.onGone();
  }
}

function neighborAt(clock: { now: number }, open: () => Promise<Line>): Neighbor<Line> {
  return new Neighbor({
    name: 'icap',
    code: 'icap-away',
    limits: { connectionsMax: 1, connectMs: 600_000, timeoutMs: 600_000, checkMs: 600_000 },
    open,
    look: () => Promise.resolve(),
    log: SILENT,
    now: () => clock.now,
  });
}

const fine = (connection: Line): Promise<Answered<string>> => {
  connection.answers++;
  return Promise.resolve({ answer: 'fine', keeps: true });
};

test('who waits for a place gets it, or is told that time is over, and takes none then', async () => {
  const neighbor = neighborAt({ now: 0 }, () => Promise.resolve(new Line()));
  const held = Promise.withResolvers<Answered<string>>();
  const first = neighbor.ask(() => held.promise, 600_000);
  assert.deepEqual(await neighbor.ask(fine, 5), { kind: 'timeout' });
  const waiting = neighbor.ask(fine, 600_000);
  held.resolve({ answer: 'first', keeps: true });
  assert.deepEqual([await first, await waiting], ['first', 'fine']);
  assert.equal(await neighbor.ask(fine, 5), 'fine');
});

test('after a failure nobody waits for the next attempt, until it has rested or is back', async () => {
  const clock = { now: 1000 };
  let [opened, lives] = [0, false];
  const neighbor = neighborAt(clock, () => {
    opened++;
    return lives ? Promise.resolve(new Line()) : Promise.reject(new Error('no route'));
  });
  const away = { kind: 'unavailable', detail: 'no route' };
  assert.deepEqual(await neighbor.ask(fine, 1000), away);
  assert.deepEqual(await neighbor.ask(fine, 1000), away);
  assert.equal(opened, 1);
  assert.deepEqual(neighbor.health(), {
    state: 'degraded',
    code: 'icap-away',
    reason: 'icap cannot be asked: no route',
  });
  clock.now += 500;
  assert.deepEqual(await neighbor.ask(fine, 1000), away);
  assert.equal(opened, 2);
  lives = true;
  await neighbor.check();
  assert.deepEqual(neighbor.health(), { state: 'ok' });
  assert.equal(await neighbor.ask(fine, 1000), 'fine');
  neighbor.close();
});

test('what answers and refuses is away; a connection that is not to be kept is not', async () => {
  const lines: Line[] = [];
  const neighbor = neighborAt({ now: 0 }, () => {
    lines.push(new Line());
    return Promise.resolve(lines.at(-1)!);
  });
  assert.equal(await neighbor.ask(fine, 1000), 'fine');
  assert.equal(await neighbor.ask(() => Promise.resolve({ answer: 'last', keeps: false }), 1000), 'last');
  assert.deepEqual([lines.length, lines[0]?.usable], [1, false]);
  const refused = () => Promise.resolve({ answer: 'no', keeps: true, refused: 'ICAP 404' });
  assert.deepEqual(await neighbor.ask(refused, 1000), { kind: 'unavailable', detail: 'ICAP 404' });
  assert.equal(lines.length, 2);
  assert.equal(neighbor.health().state, 'degraded');
});
