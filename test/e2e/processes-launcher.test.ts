import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runChild, startChild } from '../support/child.ts';
import { tempDir } from '../support/scope.ts';
import { randomPorts } from './processes-gateway.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'sallyport.mjs');
const OLD = oldNode();
const skip = OLD === undefined ? 'no Node older than 24.11 is installed' : false;

/** A Node of the system that cannot run the gateway itself. */
function oldNode(): string | undefined {
  return ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
    const answer = spawnSync(path, ['--version'], { encoding: 'utf8' });
    const [major = 99, minor = 0] = (answer.stdout ?? '').replace('v', '').split('.').map(Number);
    return answer.status === 0 && (major < 24 || (major === 24 && minor < 11));
  });
}

test(
  'under an old Node the launcher finds the right one, and passes answers and exit codes on',
  { skip },
  async (t) => {
    const version = await runChild(t, OLD ?? '', [PROGRAM, 'version', '--json']);
    assert.equal(version.code, 0, version.stderr);
    const { node } = JSON.parse(version.stdout) as { readonly node: string };
    assert.match(node, /^(2[4-9]|[3-9]\d)\./);
    const wrong = await runChild(t, OLD ?? '', [PROGRAM, 'nonsense']);
    assert.equal(wrong.code, 2);
  },
);

test(
  'the launcher passes signals on; when it is killed, the gateway stops by itself',
  { skip },
  async (t) => {
    const dir = await tempDir(t);
    const file = join(dir, 'sallyport.yaml');
    writeFileSync(file, randomPorts());
    const start = () =>
      startChild(t, OLD ?? '', [
        PROGRAM,
        'start',
        '--config',
        file,
        '--data-dir',
        join(dir, 'data'),
        '--edges',
        '1',
      ]);
    const stopped = start();
    await stopped.waitFor(/ready in \d+ ms/, 90_000);
    stopped.signal('SIGTERM');
    assert.deepEqual(await stopped.exited, { code: 0, signal: null });

    const killed = start();
    await killed.waitFor(/ready in \d+ ms/, 90_000);
    killed.signal('SIGKILL');
    // Its pipes close when the last process that has them is gone.
    await killed.exited;
    assert.match(killed.stderr(), /"event":"gateway\.stopping".*"signal":"launcher"/);
    const status = await runChild(t, process.execPath, [PROGRAM, 'status', '--data-dir', join(dir, 'data')]);
    assert.equal(status.code, 5);
  },
);
