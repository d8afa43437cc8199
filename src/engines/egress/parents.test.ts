import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Parents } from './parents.ts';

function setUp() {
  let now = 1;
  const logged: string[] = [];
  const note = (event: string): void => void logged.push(event);
  const parents = new Parents(
    [
      { host: 'one', port: 3128, fields: '', only: ['*.inside.test'] },
      { host: 'two', port: 3128, fields: 'Proxy-Authorization: Basic eA==\r\n', only: [] },
      { host: 'three', port: 3128, fields: '', only: [] },
    ],
    1000,
    { now: () => now, monotonic: () => now },
    { debug: note, info: note, warn: note, error: note },
  );
  const names = (host: string): string[] | undefined => parents.for(host, 80)?.map(({ name }) => name);
  return { parents, names, logged, pass: (ms: number) => (now += ms) };
}

test('order of the configuration, each only for its destinations', () => {
  const { names } = setUp();
  assert.deepEqual(names('www.inside.test'), ['one:3128', 'two:3128', 'three:3128']);
  assert.deepEqual(names('www.outside.test'), ['two:3128', 'three:3128']);
});

test('one that failed rests and is asked last, said once; success ends the rest', () => {
  const { parents, names, logged, pass } = setUp();
  const [two] = parents.for('outside.test', 80)!;
  parents.failed(two!, 'refused');
  parents.failed(two!, 'refused');
  assert.deepEqual(names('outside.test'), ['three:3128', 'two:3128']);
  assert.deepEqual(parents.down(), ['two:3128']);
  assert.deepEqual(logged, ['egress.parent.down']);
  pass(1001);
  assert.deepEqual(names('outside.test'), ['two:3128', 'three:3128']);
  parents.worked(two!);
  assert.deepEqual(logged, ['egress.parent.down', 'egress.parent.up']);
});

test('without parents for a destination the way is direct', () => {
  const clock = { now: () => 0, monotonic: () => 0 };
  const quiet = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  assert.equal(new Parents([], 1000, clock, quiet).for('a.test', 80), undefined);
  const limited = new Parents([{ host: 'p', port: 1, fields: '', only: ['b.test'] }], 1000, clock, quiet);
  assert.equal(limited.for('a.test', 80), undefined);
});
