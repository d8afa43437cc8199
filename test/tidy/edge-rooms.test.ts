import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { importsOf } from './source.ts';

/**
 * What control and the commands are made of. Each edge keeps what it loads as long as it lives, and there are
 * as many edges as cores: an import that leads there costs memory once for each.
 */
const NOT_IN_AN_EDGE: readonly RegExp[] = [
  /^src\/app\/(?:control|admin|supervisor|commands|backup|bundle|doctor|appliance|scan)\//,
  /^src\/cli\//,
  /^src\/engines\/(?:alerts|events|feeds|log-targets|training)\//,
  /^src\/engines\/(?:exports|identity|indicators|quarantine)\/(?:index|admin(?:\.io)?|commands)\.ts$/,
  /^src\/protocols\/lists\/(?:index|parser)\.ts$/,
  /^src\/protocols\/(?:cef|firewall|leef|openioc|otlp|smtp|ssh-keys|syslog|terminal)\//,
  /^src\/services\/ssh\//,
];
/** Loaded by the first file that needs them. */
const PACKAGES_LATER: readonly string[] = ['7z-wasm', 'postal-mime'];

/** Everything that is loaded with a file: by value, and not only when something happens. */
function loadedWith(entry: string): {
  readonly files: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
} {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const path of files) {
    // Types are erased; a dynamic import stands inside a function, and loads when that runs.
    const text = readFileSync(path, 'utf8')
      .replace(/^(?:import|export) type [^;]*;/gm, '')
      .replace(/\bimport\(/g, 'later(');
    for (const { from } of importsOf(text)) {
      if (!from.startsWith('.')) packages.add(from);
      else if (from.endsWith('.ts')) files.add(posix.join(posix.dirname(path), from));
    }
  }
  return { files, packages };
}

test('an edge loads nothing that only control or a command needs', () => {
  const { files, packages } = loadedWith('src/app/edge/process.io.ts');
  assert.ok(files.has('src/services/forward-proxy/session.ts'), 'the doors are found');
  const strangers = [...files].filter((path) => NOT_IN_AN_EDGE.some((room) => room.test(path)));
  assert.deepEqual(strangers, []);
  assert.deepEqual(
    PACKAGES_LATER.filter((name) => packages.has(name)),
    [],
  );
});

test('rule: a road into the rooms of control is seen', () => {
  const { files } = loadedWith('src/app/control/process.io.ts');
  for (const room of [
    'src/engines/training/',
    'src/engines/identity/index.ts',
    'src/protocols/lists/parser.ts',
  ]) {
    assert.ok(
      [...files].some((path) => path.startsWith(room)),
      room,
    );
  }
});
