import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scopeOf, tempDir } from '../../../test/support/scope.ts';
import { ModelShelf } from '../prediction/index.ts';
import { createModelAdmin, type ModelAdmin } from './index.ts';
import { seeded } from './random.ts';

/** Columns of files that differ in what a linker and a packer leave. */
function tableOf(count: number, isBad: boolean): string {
  const random = seeded(isBad ? 1 : 2);
  const names = 'Characteristics,DllCharacteristics,Magic,SizeOfCode,SizeOfImage,Subsystem,filesize,E_file';
  const rows = Array.from({ length: count }, () => {
    const code = 4096 + Math.floor(random() * 1e6);
    const flags = random() < 0.9 === isBad ? [0x10f, 0] : [0x2102, 0x140];
    const entropy = (isBad ? 7 : 5) + random() * 1.2;
    return [...flags, 267, code, code * 2, 2, code + 9000, entropy.toFixed(3)].join(',');
  });
  return [names, ...rows].join('\n');
}

const SILENTLY = (): void => {};

test('a model is trained from own tables, told apart from the shipped one, activated, measured and taken back', async (t) => {
  const dir = await tempDir(scopeOf(t), 'training');
  const [good, bad, few] = ['good.csv', 'bad.csv', 'few.csv'].map((name) => join(dir, name));
  writeFileSync(good!, tableOf(240, false));
  writeFileSync(bad!, tableOf(220, true));
  writeFileSync(few!, tableOf(3, true));
  let published = 0;
  const admin: ModelAdmin = createModelAdmin({
    shelf: new ModelShelf(dir),
    publish: async () => void published++,
  });
  await assert.rejects(admin.train({ good, bad: few, tables: undefined }, SILENTLY), {
    code: 'PREDICTION_DATA',
  });
  const lines: string[] = [];
  const version = await admin.train({ good, bad, tables: undefined }, (line) => lines.push(line));
  assert.equal(version, 'own-1');
  assert.ok(lines.some((line) => line.includes('fold 4')));
  assert.equal(published, 0);
  assert.equal(await admin.activate('files', version), version);
  assert.equal(published, 1);
  const asMade = await admin.evaluate({ good: undefined, bad: undefined, tables: undefined }, SILENTLY);
  assert.deepEqual([asMade.version, asMade.measured], ['own-1', 'when it was made']);
  assert.ok(asMade.curves[0]!.auc > 0.9 && asMade.curves[0]!.curve.length === 8);
  const now = await admin.evaluate({ good, bad, tables: undefined }, SILENTLY);
  assert.deepEqual([now.measured, now.curves[0]?.bad, now.groups[0]?.good], ['now', 220, 240]);
  await admin.rollback('files');
  assert.equal(admin.list('files').find(({ active }) => active)?.version, 'shipped');
  assert.equal(published, 2);
});
