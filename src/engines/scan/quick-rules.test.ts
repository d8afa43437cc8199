import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipOf } from '../../../test/support/archives.ts';
import { EICAR, found, missed, scanLab } from '../../../test/support/scan.ts';
import { FILE_TYPES } from '../../protocols/file-type/index.ts';
import { systemClock } from '../../platform/index.ts';
import { memorySource } from '../content/index.ts';
import { QuickRules } from './quick-rules.ts';

test('a file that holds its thread up sends those after it to other threads for a second', () => {
  let nowMs = 0;
  let takesMs = 1;
  const rules = new QuickRules(
    {
      match: () => {
        nowMs += takesMs;
        return { matches: [], problem: undefined };
      },
    },
    { now: () => 0, monotonic: () => nowMs },
  );
  const match = (): void => void rules.match(memorySource(Buffer.from('x')), FILE_TYPES.text, 'x');
  match();
  assert.equal(rules.isPaused, false);
  takesMs = 6;
  match();
  assert.equal(rules.isPaused, true);
  nowMs += 999;
  assert.equal(rules.isPaused, true);
  nowMs += 1;
  assert.equal(rules.isPaused, false);
});

test('a small file with nothing inside needs no thread; an archive and a larger one do', async (t) => {
  // A clock that stands: on a busy machine a file would seem slow, and send the next ones to the threads.
  const clock = { ...systemClock, monotonic: () => 0 };
  const lab = await scanLab(t, (config) => ({ ...config, inlineMax: 1000 }), { clock });
  const alone = await scanLab(t, (config) => ({ ...config, inlineMax: 0 }), { clock });
  for (const each of [lab, alone]) {
    assert.deepEqual(found(await each.scan(`${EICAR}\n`)), ['eicar EICAR-Test-File', 'yara EICAR_Test_File']);
  }
  const text = 'nothing at all\n';
  const [here, there] = [await lab.scan(text), await alone.scan(text)];
  assert.deepEqual(
    here.stages.map(({ stage, state }) => [stage, state]),
    there.stages.map(({ stage, state }) => [stage, state]),
    'it looks the same',
  );
  // Without threads: what is small is judged, what needs one says so.
  await lab.engine.close();
  assert.equal((await lab.scan('other text\n')).verdict, 'clean');
  assert.deepEqual(missed(await lab.scan('x'.repeat(1001))), ['unavailable', 'unavailable']);
  const zip = zipOf([{ name: 'eicar.com', bytes: EICAR }]);
  assert.deepEqual(missed(await lab.scan(zip)), ['unavailable', 'unavailable']);
});
