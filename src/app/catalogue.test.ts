import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeDeclarations } from '../engines/telemetry/index.ts';
import { PORT_TABLE } from '../kernel/index.ts';
import { allDoors } from './all-doors.ts';
import { allCommands } from './commands/index.ts';
import { BUILT_DOORS } from './doors.ts';
import { METRICS } from './metrics.ts';

test('the supervisor opens ports for exactly the doors that there are', () => {
  assert.deepEqual(new Set(BUILT_DOORS), new Set(allDoors.map((module) => module.name)));
});

test('every door answers on exactly its rows of the port table', () => {
  for (const module of allDoors) {
    const rows = PORT_TABLE.filter((row) => row.door === module.name).map((row) => row.key);
    assert.deepEqual(module.ports, rows, module.name);
  }
});

test('no two commands have the same words', () => {
  const words = allCommands.map((command) => command.words);
  assert.deepEqual(
    words.filter((each, at) => words.indexOf(each) !== at),
    [],
  );
});

test('metrics that two modules declare are declared alike', () => {
  assert.doesNotThrow(() => mergeDeclarations(METRICS));
});
