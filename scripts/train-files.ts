/**
 * Trains the model of PE files from `01-pe` of SALLYPORT_DATA and writes it to `models/`, and what it reaches to
 * `docs/models/files.md`. The same data gives the same bytes: one thread, one seed, no date.
 *
 *     npm run train:files
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeModel } from '../src/engines/prediction/index.ts';
import { readTables, type Sample, trainFiles } from '../src/engines/training/index.ts';
import { recordDigests } from './training/digests.ts';

const ROOT = join(import.meta.dirname, '..');
const DATA = process.env['SALLYPORT_DATA'] ?? join(ROOT, '..', 'shared', 'data');
/** Raised by hand when a model is to replace one that is in use. */
const VERSION = '3';

const samples = readTables(join(DATA, '01-pe'));
console.log(countsOf(samples).join('\n'));
const body = trainFiles({
  samples,
  sources: { kaggle: 1, clamp: 1, brazil: 1, packages: 1.2, own: 1 },
  say: (line) => console.log(line),
});
const bytes = writeModel('files', VERSION, body, undefined);
writeFileSync(join(ROOT, 'models', 'files.model'), bytes);
recordDigests(ROOT);
recordCard();
console.log(`models/files.model: ${bytes.length} bytes`, body.calibration);

function countsOf(all: readonly Sample[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { source, isBad } of all) {
    const key = `${source}, ${isBad ? 'malware' : 'benign'}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${key}: ${count} rows without duplicates`);
}

/** Between the marks of the card. */
function recordCard(): void {
  const path = join(ROOT, 'docs', 'models', 'files.md');
  const text = readFileSync(path, 'utf8');
  const [start, end] = ['<!-- measured -->', '<!-- end of measured -->'];
  if (!text.includes(start) || !text.includes(end)) throw new Error(`${path} has no place for the curves`);
  const rows = body.measured.map(
    ({ split, bad, good, auc, at1, at01 }) =>
      `| ${split.trim()} | ${bad} | ${good} | ${auc.toFixed(3)} | ${at1.toFixed(3)} | ${at01.toFixed(3)} |`,
  );
  const { slope, offset, suspicious, malicious } = body.calibration;
  const table = [
    '| split | malware | benign | AUC | TPR at 1 % FPR | TPR at 0.1 % FPR |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    `Calibration: probability = 1 / (1 + exp(−(${slope} · log odds + ${offset}))); suspicious above log odds ${suspicious}, malicious above ${malicious}.`,
    '',
    ...countsOf(samples).map((line) => `- ${line}`),
  ];
  writeFileSync(
    path,
    `${text.slice(0, text.indexOf(start))}${start}\n\n${table.join('\n')}\n\n${text.slice(text.indexOf(end))}`,
  );
}
