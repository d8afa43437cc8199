import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILE_LINES_MAX } from './house.ts';
import { problemsOf, sharedPackages } from './rules.ts';
import { filesBelow } from './source.ts';

const source = filesBelow(['src'], ['.ts']);

test('the source keeps to the map of the house', () => {
  assert.ok(source.length > 50, `only ${source.length} files found`);
  assert.deepEqual(source.flatMap(problemsOf), []);
});

test('a package is imported in one folder', () => {
  assert.deepEqual(sharedPackages(source), []);
});

test('no file of tests, scripts or benchmarks is over the wall', () => {
  const others = filesBelow(['test', 'scripts', 'bench'], ['.ts']);
  const long = others.filter((file) => file.text.split('\n').length - 1 > FILE_LINES_MAX);
  assert.deepEqual(
    long.map((file) => file.path),
    [],
  );
});

/** A rule bites when a planted fault is found, at its line, with its sentence. */
function bites(path: string, text: string, expected: string | undefined): void {
  assert.deepEqual(problemsOf({ path, text }), expected === undefined ? [] : [`${path}:1: ${expected}`]);
}

test('rule: arrows point down only', () => {
  const down = 'arrows point down only';
  bites(
    'src/kernel/a.ts',
    "import { x } from '../protocols/url/index.ts';",
    `kernel → protocols/url: ${down}`,
  );
  bites(
    'src/protocols/url/a.ts',
    "import { x } from '../../platform/index.ts';",
    `protocols/url → platform: ${down}`,
  );
  bites(
    'src/services/api/a.ts',
    "import { x } from '../../platform/index.ts';",
    `services/api → platform: ${down}`,
  );
  bites(
    'src/engines/policy/a.ts',
    "import type { X } from '../../app/index.ts';",
    `engines/policy → app: ${down}`,
  );
  bites('src/cli/a.ts', "import { x } from '../engines/config/index.ts';", `cli → engines/config: ${down}`);
  bites('src/app/a.ts', "export { x } from '../cli/index.ts';", `app → cli: ${down}`);
  bites('src/app/a.ts', "await import('../cli/index.ts');", `app → cli: ${down}`);
  bites('src/main.ts', "import { x } from './kernel/index.ts';", `main → kernel: ${down}`);
  bites('src/engines/policy/a.ts', "import { x } from '../../kernel/index.ts';", undefined);
  bites('src/services/api/a.test.ts', "import { x } from '../../platform/index.ts';", undefined);
});

test('rule: neighbors do not know each other, engines know those before them', () => {
  const text = 'neighbors do not know each other';
  bites(
    'src/services/api/a.ts',
    "import { x } from '../icap/index.ts';",
    `services/api → services/icap: ${text}`,
  );
  bites(
    'src/engines/pki/a.ts',
    "import { x } from '../policy/index.ts';",
    `engines/pki → engines/policy: ${text}`,
  );
  bites(
    'src/engines/config/a.ts',
    "import { x } from '../pki/index.ts';",
    `engines/config → engines/pki: ${text}`,
  );
  bites('src/engines/verdict/a.ts', "import { x } from '../indicators/index.ts';", undefined);
  bites('src/protocols/http1/a.ts', "import { x } from '../fields/index.ts';", undefined);
  bites(
    'src/protocols/fields/a.ts',
    "import { x } from '../http1/index.ts';",
    `protocols/fields → protocols/http1: ${text}`,
  );
});

test('rule: across modules only through index.ts, types too', () => {
  const deep = (target: string): string => `imports ${target}, past its index.ts`;
  bites('src/app/a.ts', "import type { X } from '../kernel/errors.ts';", deep('src/kernel/errors.ts'));
  bites('src/app/a.ts', "import { x } from '../engines/pki/ca.ts';", deep('src/engines/pki/ca.ts'));
  bites('src/app/bus/a.ts', "import { x } from '../edge/host.ts';", undefined);
  bites(
    'src/app/a.ts',
    "import { x } from '../../test/support/scope.ts';",
    'imports test/support/scope.ts, outside src/',
  );
});

test('rule: effects live in platform/ and *.io.ts', () => {
  const sentence = (name: string): string =>
    `imports ${name}: effects live in platform/ and in files called *.io.ts`;
  bites('src/engines/pki/a.ts', "import { readFileSync } from 'node:fs';", sentence('node:fs'));
  bites('src/engines/pki/a.ts', "import { readFile } from 'node:fs/promises';", sentence('node:fs/promises'));
  bites('src/engines/pki/a.ts', "import * as net from 'node:net';", sentence('node:net'));
  bites('src/engines/pki/a.ts', "import { isIP, connect } from 'node:net';", sentence('node:net'));
  bites('src/engines/pki/a.ts', "import { isIP, type Socket } from 'node:net';", undefined);
  bites('src/engines/pki/a.ts', "import type { Socket } from 'node:net';", undefined);
  bites('src/engines/pki/a.io.ts', "import { connect } from 'node:net';", undefined);
  bites('src/platform/a.ts', "import { connect } from 'node:net';", undefined);
  bites('src/engines/pki/a.test.ts', "import { connect } from 'node:net';", undefined);
});

test('rule: time, chance, process and console are handed in', () => {
  const path = 'src/engines/pki/a.ts';
  bites(path, 'const now = Date.now();', 'Date.now: take a Clock');
  bites(path, 'const now = new Date();', 'new Date(): take a Clock');
  bites(path, 'const now = performance.now();', 'performance.now: take a Clock');
  bites(path, 'const x = Math.random();', 'Math.random: take the randomness as a parameter');
  bites(path, 'setTimeout(f, 1);', 'setTimeout: take the timers as a parameter');
  bites(path, 'const e = process.env;', 'process: let main.ts or a *.io.ts hand it in');
  bites(path, 'console.log(1);', 'console: use the Log');
  for (const fine of [
    'timers.setTimeout(f, 1);',
    '// Date.now()',
    "const s = 'process.env';",
    'new Date(now);',
  ]) {
    bites(path, fine, undefined);
  }
  bites('src/platform/a.ts', 'const now = Date.now();', undefined);
});

test('rule: a module has no mutable state', () => {
  bites('src/engines/pki/a.ts', 'let count = 0;', 'let count: no mutable state of a module');
  bites('src/engines/pki/a.ts', 'export let count = 0;', 'export let count: no mutable state of a module');
  bites('src/engines/pki/a.ts', '  let count = 0;', undefined);
});

test('rule: the wall is at 400 lines', () => {
  const path = 'src/engines/pki/a.ts';
  assert.deepEqual(problemsOf({ path, text: '\n'.repeat(400) }), []);
  assert.deepEqual(problemsOf({ path, text: '\n'.repeat(401) }), [`${path}:401: 401 lines; the wall is 400`]);
});

test('rule: a package is imported in one folder, zod excepted', () => {
  const file = (path: string, text: string): { path: string; text: string } => ({ path, text });
  const hono = "import { Hono } from 'hono';";
  const shared = sharedPackages([
    file('src/services/api/a.ts', `${hono}\nimport { z } from 'zod';`),
    file('src/engines/config/a.ts', "import type { Context } from 'hono/tiny';\nimport { z } from 'zod';"),
    file('src/engines/pki/a.test.ts', "import fc from 'fast-check';"),
    file('src/engines/state/a.ts', "import fc from 'fast-check';"),
  ]);
  assert.deepEqual(shared, ['hono is imported in engines/config and services/api']);
});
