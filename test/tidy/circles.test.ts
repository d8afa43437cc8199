import assert from 'node:assert/strict';
import { test } from 'node:test';
import { circlesOf } from './circles.ts';
import { filesBelow } from './source.ts';

test('no files need each other in a circle', () => {
  const files = filesBelow(['src', 'console/src', 'test', 'scripts', 'bench'], ['.ts', '.tsx', '.mjs']);
  assert.ok(files.length > 1000, `only ${files.length} files found`);
  assert.deepEqual(circlesOf(files), []);
});

test('rule: a circle is found, however long it is and whatever is taken', () => {
  const file = (path: string, ...needs: string[]) => ({
    path,
    text: needs.map((from) => `import type { X } from '${from}';`).join('\n'),
  });
  assert.deepEqual(circlesOf([file('a/b.ts', './c.ts'), file('a/c.ts', '../d.ts'), file('d.ts')]), []);
  assert.deepEqual(
    circlesOf([
      file('a/b.ts', './c.ts', './out.ts'),
      file('a/c.ts', '../d.ts'),
      file('d.ts', './a/b.ts'),
      file('a/out.ts', 'node:fs'),
      file('e.ts', './a/b.ts'),
    ]),
    [['a/b.ts', 'a/c.ts', 'd.ts']],
  );
});
