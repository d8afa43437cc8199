/**
 * How many PE files of 25 KB a second are read and judged on one core, and what of it is the reading, the model, and the
 * reasons? Baseline: SHA-256 over the same bytes, measured in turn in the same process. Target: 2,000 files a second,
 * and less than a millisecond for one answer of the model. CPU time of this process is counted, so that neighbors on the
 * machine do not. Run: `node bench/prediction.ts [rounds]`.
 */
import { hash, randomBytes } from 'node:crypto';
import { columnsOf, createPredictor, scoreByRules } from '../src/engines/prediction/index.ts';
import { readPe } from '../src/protocols/pe/index.ts';
import { FILE_TYPES } from '../src/protocols/file-type/index.ts';
import { peOf, sourceOf } from '../test/support/pe.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const FILES = 2_000;
const FILE_BYTES = 25 * 1024;

const say = (event: string, fields?: object) => process.stderr.write(`${event} ${JSON.stringify(fields)}\n`);
const model = createPredictor({
  dataDir: '/nonexistent',
  log: { debug: () => undefined, info: () => undefined, warn: say, error: say },
}).files;
if (model === undefined) throw new Error('there is no model: run npm run train:files');

/** With as many imports as usual programs have, and content of its own each. */
const files = Array.from({ length: FILES }, (_, at) =>
  peOf({
    is64: at % 3 === 0,
    isLibrary: at % 2 === 0,
    dllCharacteristics: at % 5 === 0 ? 0 : 0x8140,
    imports: Object.fromEntries(
      ['KERNEL32.dll', 'USER32.dll', 'ADVAPI32.dll', 'WS2_32.dll'].map((name) => [
        name,
        Array.from({ length: 30 }, (__, symbol) => `Function${symbol}`),
      ]),
    ),
    sections: [
      { name: '.text', bytes: randomBytes(14 * 1024) },
      { name: '.rdata', bytes: Buffer.alloc(5 * 1024, at) },
    ],
  }),
).map((bytes) => Buffer.concat([bytes, Buffer.alloc(Math.max(0, FILE_BYTES - bytes.length))]));

function peIn(bytes: Buffer) {
  const result = readPe(sourceOf(bytes));
  if (result.kind !== 'pe') throw new Error(result.why);
  return result.pe;
}

const read = files.map((bytes) => columnsOf(peIn(bytes)));
const script = Buffer.from('Get-ChildItem C:\\ | Where-Object { $_.Length -gt 1000 }\n'.repeat(450));
const cases: readonly (readonly [string, (at: number) => number])[] = [
  ['SHA-256 alone', (at) => hash('sha256', files[at]!).length],
  ['PE reader: headers, imports, entropy', (at) => peIn(files[at]!).imports],
  ['model, from the columns to log odds', (at) => model.logOdds(read[at]!)],
  ['model with reasons', (at) => model.score(read[at]!).score],
  ['from the bytes to score and reasons', (at) => model.score(columnsOf(peIn(files[at]!))).score],
  ['rules over a script of 25 KB', () => scoreByRules(FILE_TYPES.text, 'a.ps1', script)?.score ?? 0],
];

let kept = 0;
const best = new Map<string, number>();
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, judge] of cases) {
    const before = process.cpuUsage();
    for (let at = 0; at < FILES; at++) kept += judge(at);
    const { user, system } = process.cpuUsage(before);
    // The first round only warms up.
    if (round > 0) best.set(name, Math.min(best.get(name) ?? Infinity, (user + system) / FILES));
  }
}
for (const [name, us] of best) {
  process.stdout.write(
    `${name.padEnd(44)} ${us.toFixed(1).padStart(8)} µs ${Math.round(1e6 / us).toLocaleString('en')} a second\n`,
  );
}
if (!Number.isFinite(kept)) throw new Error('a score is no number');
