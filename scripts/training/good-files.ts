/**
 * Makes `models/good-files.csv.gz`, the table of good files that the training reads beside `01-pe`: figures of the headers
 * and facts of the imports, as our own reader has them, and where each file is from. Run by hand when packages were fetched:
 *
 *     node scripts/training/good-files.ts FOLDER     with FOLDER/PACKAGE/…/FILE
 *
 * Left out are files that are no PE files, files of which the model abstains, and a file that was there before.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { abstains, columnsOf, IMPORT_FACT_NAMES } from '../../src/engines/prediction/index.ts';
import { COFF_FIELDS, OPTIONAL_FIELDS, readPe } from '../../src/protocols/pe/index.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node scripts/training/good-files.ts FOLDER');
/** The day and the linker tell one build from all others; nothing learns from them. */
const LEFT_OUT = new Set(['TimeDateStamp', 'MajorLinkerVersion', 'MinorLinkerVersion']);
const COLUMNS = [
  ...[...COFF_FIELDS, ...OPTIONAL_FIELDS].filter((name) => !LEFT_OUT.has(name)),
  ...(['filesize', 'E_file'] as const),
  ...IMPORT_FACT_NAMES,
];

const seen = new Set<string>();
const lines: string[] = [];
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name))
  .toSorted();
for (const path of files) {
  const bytes = readFileSync(path);
  const result = readPe({ size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (result.kind !== 'pe' || seen.has(sha256)) continue;
  seen.add(sha256);
  const columns = columnsOf(result.pe);
  if (abstains(columns)) continue;
  const [pkg = '', ...below] = relative(folder, path).split(sep);
  const numbers = COLUMNS.map((name) => Math.round((columns[name] ?? 0) * 1e6) / 1e6);
  lines.push([pkg, below.join('/'), sha256, ...numbers].map((cell) => cellOf(String(cell))).join(','));
}
const text = [['pkg', 'file', 'sha256', ...COLUMNS].join(','), ...lines, ''].join('\n');
const out = join(import.meta.dirname, '..', '..', 'models', 'good-files.csv.gz');
writeFileSync(out, gzipSync(text, { level: 9 }));
console.log(`${out}: ${lines.length} files`);

function cellOf(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
