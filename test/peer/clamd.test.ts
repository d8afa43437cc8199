import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { ClamdConfig } from '../../src/engines/config/index.ts';
import { zipOf } from '../support/archives.ts';
import { startProgram } from '../support/clamd.ts';
import { missingPeer } from '../support/peers.ts';
import { EICAR, found, missed, scanLab } from '../support/scan.ts';
import { scopeOf, tempDir, type Scope } from '../support/scope.ts';

const skip = missingPeer('clamd');
/** Texts that only the signatures of the test know. */
const PATTERN = 'GATEWAY-TEST-MALWARE-PATTERN';
const QUICK = { checkMs: 100, connectMs: 10_000, timeoutMs: 60_000 };

async function clamdDir(scope: Scope): Promise<string> {
  const dir = await tempDir(scope, 'clamd');
  await mkdir(join(dir, 'db'));
  const hex = Buffer.from(PATTERN).toString('hex');
  await writeFile(join(dir, 'db', 'test.ndb'), `Test.Pattern.Malware:0:*:${hex}\n`);
  return dir;
}

function lab(scope: Scope, clamd: Partial<ClamdConfig>) {
  return scanLab(scope, (config) => ({ ...config, clamd: { ...config.clamd, ...QUICK, ...clamd } }));
}

/** Waits for a state that comes by itself. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 4000) throw new Error('it does not come');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('clamd finds what only it knows, over its Unix socket and over TCP', { skip }, async (t) => {
  const scope = scopeOf(t);
  const clamd = await startProgram(scope, await clamdDir(scope));
  for (const target of [{ socket: clamd.socket }, { host: '127.0.0.1', port: clamd.port }]) {
    const { engine, scan } = await lab(scope, target);
    const bad = await scan(`xx ${PATTERN} xx`, 'a.txt');
    assert.deepEqual([bad.verdict, found(bad)], ['malicious', ['clamd Test.Pattern.Malware.UNOFFICIAL']]);
    const packed = await scan(zipOf([{ name: 'a.txt', bytes: PATTERN }]));
    assert.deepEqual(found(packed), ['clamd Test.Pattern.Malware.UNOFFICIAL']);
    const clean = await scan('a harmless text');
    assert.deepEqual([clean.verdict, missed(clean)], ['clean', []]);
    assert.match(clean.version, /clamav:\d+\.\d+\.\d+/);
    assert.equal((await scan('')).verdict, 'clean');
    assert.deepEqual(engine.health(), { state: 'ok' });
    assert.ok(found(await scan(EICAR)).includes('eicar EICAR-Test-File'));
  }
});

test('many files at once go over few connections, and each gets its own answer', { skip }, async (t) => {
  const scope = scopeOf(t);
  const clamd = await startProgram(scope, await clamdDir(scope));
  const { scan } = await lab(scope, { socket: clamd.socket, connectionsMax: 3 });
  const verdicts = await Promise.all(
    Array.from({ length: 60 }, (_, at) => scan(at % 3 === 0 ? `${at} ${PATTERN}` : `${at} harmless`)),
  );
  assert.deepEqual(
    verdicts.map(({ verdict }) => verdict),
    Array.from({ length: 60 }, (_, at) => (at % 3 === 0 ? 'malicious' : 'clean')),
  );
});

test('a file over a limit, ours or that of clamd, is incomplete: limit', { skip }, async (t) => {
  const scope = scopeOf(t);
  const clamd = await startProgram(scope, await clamdDir(scope), ['StreamMaxLength 1M']);
  const ours = await lab(scope, { socket: clamd.socket, bytesMax: 1000 });
  assert.deepEqual(missed(await ours.scan(Buffer.alloc(2000, 1))), ['limit']);
  const theirs = await lab(scope, { socket: clamd.socket });
  assert.deepEqual(missed(await theirs.scan(Buffer.alloc(3_000_000, 1))), ['limit']);
  assert.equal((await theirs.scan('small')).verdict, 'clean', 'the next file has another connection');
});

test(
  'clamd is killed under load: the fail policy decides, health tells, and it recovers by itself',
  { skip },
  async (t) => {
    const scope = scopeOf(t);
    const dir = await clamdDir(scope);
    const first = await startProgram(scope, dir);
    const closed = await lab(scope, { socket: first.socket });
    const open = await lab(scope, { socket: first.socket, fail: 'open' });
    const bytes = Buffer.alloc(300_000, 0x20);
    let stop = false;
    const states = new Map<string, number>();
    const load = Array.from({ length: 8 }, async (_, client) => {
      for (let round = 0; !stop; round++) {
        bytes.writeUInt32LE(client * 1_000_000 + round);
        const verdict = await closed.scan(bytes);
        const state =
          verdict.incomplete.length > 0 ? verdict.incomplete.map(({ reason }) => reason).join() : 'whole';
        states.set(state, (states.get(state) ?? 0) + 1);
      }
    });
    await until(() => (states.get('whole') ?? 0) > 20);
    await first.kill();
    await until(() => (states.get('unavailable') ?? 0) > 20);
    assert.equal(closed.engine.health().state, 'degraded');
    const away = await closed.scan('while it is away');
    assert.deepEqual([away.verdict, missed(away)], ['unknown', ['unavailable']]);
    const anyway = await open.scan('while it is away');
    assert.deepEqual([anyway.verdict, missed(anyway)], ['clean', []]);
    assert.equal(anyway.stages.find(({ stage }) => stage === 'clamd')?.state, 'failed');
    await startProgram(scope, dir);
    await until(() => closed.engine.health().state === 'ok');
    const again = await closed.scan('while it is away');
    assert.deepEqual([again.verdict, again.cached, missed(again)], ['clean', false, []]);
    stop = true;
    await Promise.all(load);
    assert.deepEqual(
      [...states.keys()].filter((state) => state !== 'whole' && state !== 'unavailable'),
      [],
    );
  },
);

test('what answers is not clamd: unavailable, and bounded', { skip: missingPeer('clamd') }, async (t) => {
  const scope = scopeOf(t);
  const { engine, scan } = await lab(scope, { host: '127.0.0.1', port: 1, timeoutMs: 500 });
  assert.deepEqual(missed(await scan('text')), ['unavailable']);
  assert.match(JSON.stringify(engine.health()), /clamd cannot be asked/);
});

const RECIPE = join(import.meta.dirname, '..', '..', '..', 'shared', 'peers', 'clamd.sh');
const noRecipe = existsSync(RECIPE) ? false : 'the recipe of the peer is not there';

test('every signature of the recipe is found', { skip: skip || noRecipe }, async (t) => {
  const scope = scopeOf(t);
  const dir = await tempDir(scope, 'clamd-recipe');
  const port = await (await import('../support/clamd.ts')).freePort();
  const environment = { ...process.env, DIR: dir, PORT: String(port) };
  // Without a shell in between: the recipe leaves clamd running, with our pipes open.
  await promisify(execFile)('setsid', ['bash', '-c', `${RECIPE} start >/dev/null 2>&1 </dev/null`], {
    env: environment,
  });
  scope.after(async () => {
    await promisify(execFile)('bash', [RECIPE, 'stop'], { env: environment });
  });
  const { scan } = await lab(scope, { host: '127.0.0.1', port });
  const samples: Readonly<Record<string, string>> = {
    'Test.Hash.EICAR.UNOFFICIAL': EICAR,
    'Test.Pattern.Malware.UNOFFICIAL': `xx ${PATTERN} xx`,
    'Test.Logical.Malware.UNOFFICIAL': 'GATEWAY-TEST-PART-TWO ... GATEWAY-TEST-PART-ONE',
    'Test.Sha256.Malware.UNOFFICIAL': 'hello malware\n',
  };
  for (const [name, sample] of Object.entries(samples)) {
    assert.ok(found(await scan(sample)).includes(`clamd ${name}`), name);
  }
  assert.deepEqual(found(await scan('GATEWAY-TEST-PART-ONE alone')), []);
});
