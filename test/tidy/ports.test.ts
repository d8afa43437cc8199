import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allDoors } from '../../src/app/all-doors.ts';
import { BUILT_DOORS } from '../../src/app/doors.ts';
import { PORT_KEYS, PORT_TABLE } from '../../src/kernel/index.ts';
import type { PortKey } from '../../src/kernel/index.ts';
import { codeOnly, filesBelow, lineAt } from './source.ts';

test('the table has each key and each port once', () => {
  assert.deepEqual(
    PORT_TABLE.map((row) => row.key),
    [...PORT_KEYS],
  );
  assert.equal(new Set(PORT_TABLE.map((row) => row.port)).size, PORT_TABLE.length);
});

test('the table is the one that clients rely on', () => {
  assert.deepEqual(
    PORT_TABLE.map((row) => row.port),
    [22, 80, 443, 5274, 5275, 8080, 8088, 8089, 1344, 11344],
  );
});

test('a port has one owner, and the owner is the door that the table names', () => {
  const owners = new Map<PortKey, string>();
  for (const { name, ports } of allDoors) {
    for (const key of ports) {
      assert.equal(owners.get(key), undefined, `${key} is opened by ${owners.get(key)} and ${name}`);
      owners.set(key, name);
      assert.equal(PORT_TABLE.find((row) => row.key === key)?.door, name, key);
    }
  }
  for (const row of PORT_TABLE.filter((each) => BUILT_DOORS.includes(each.door))) {
    assert.equal(owners.get(row.key), row.door, `${row.key} belongs to ${row.door}, which does not open it`);
  }
});

test('the doors that are called built are those of the catalogue', () => {
  assert.deepEqual(allDoors.map((module) => module.name).toSorted(), [...BUILT_DOORS].toSorted());
});

test('nobody writes a port of the table anywhere else', () => {
  // 22, 80 and 443 are ports of other protocols too, and 8080 of parent proxies.
  const own = /\b(?:5274|5275|8088|8089|1344|11344)\b/g;
  const written = filesBelow(['src'], ['.ts'])
    .filter((file) => !file.path.endsWith('.test.ts') && file.path !== 'src/kernel/port-table.ts')
    .flatMap(({ path, text }) => {
      const code = codeOnly(text);
      return [...code.matchAll(own)].map((match) => `${path}:${lineAt(code, match.index)}: ${match[0]}`);
    });
  assert.deepEqual(written, []);
});
