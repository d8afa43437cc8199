/**
 * What becomes of every real list that we have? Each file of the data set is imported as a feed of its own, format
 * found by itself, into an empty folder. Run: `node bench/real-lists.ts [part of a path]`.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createIndicatorAdmin } from '../src/engines/indicators/index.ts';
import { messageOf } from '../src/kernel/index.ts';
import { openScope, tempDir } from '../test/support/scope.ts';
import { dataPath } from '../test/support/test-data.ts';

const ROOTS = ['03-domains', '04-hashes', '05-intel'];
/** No lists: licences, descriptions, schemas. */
const NOT_LISTS = /(?:^|\/)(?:LICENSE[^/]*|README[^/]*|FILES\.csv|json-schemas|STIXPattern\.g4)(?:\/|$)/;
const UT1_FOLDER = /^03-domains\/ut1_format$/;

interface Row {
  readonly path: string;
  readonly format: string;
  readonly entries: string;
  readonly rejected: string;
  readonly seconds: string;
  readonly note: string;
}

const scope = openScope();
const wanted = process.argv[2] ?? '';
const rows: Row[] = [];
for (const path of ROOTS.flatMap((root) => [...listsBelow(root)])) {
  if (!path.includes(wanted)) continue;
  rows.push(await imported(path));
}
print(rows);
await scope.close();

function* listsBelow(path: string): Generator<string> {
  if (NOT_LISTS.test(path)) return;
  const isFolder = statSync(dataPath(path)).isDirectory();
  if (!isFolder || UT1_FOLDER.test(path)) yield path;
  else for (const name of readdirSync(dataPath(path)).toSorted()) yield* listsBelow(`${path}/${name}`);
}

async function imported(path: string): Promise<Row> {
  const dir = await tempDir(scope);
  const admin = createIndicatorAdmin({
    dir: join(dir, 'indicators'),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    runImports: 'here',
    publish: async () => {},
    audit: () => {},
  });
  const began = performance.now();
  try {
    const isUt1 = UT1_FOLDER.test(path);
    const report = await admin.importFile(
      { file: dataPath(path), feed: 'feed', ...(isUt1 ? { format: 'ut1' } : {}) },
      'bench',
    );
    return {
      path,
      format: report.format,
      entries: report.entries.toLocaleString('en'),
      rejected: report.rejected.toLocaleString('en'),
      seconds: report.seconds.toFixed(2),
      note: report.reasons
        .slice(0, 2)
        .map(({ reason, count }) => `${count} × ${reason}`)
        .join('; '),
    };
  } catch (error) {
    const seconds = ((performance.now() - began) / 1000).toFixed(2);
    const note = messageOf(error)
      .replaceAll(dataPath(''), '')
      .replace(/^.*?: /, '');
    return { path, format: 'refused', entries: '0', rejected: '', seconds, note };
  }
}

function print(table: readonly Row[]): void {
  const columns = ['path', 'format', 'entries', 'rejected', 'seconds', 'note'] as const;
  const width = (key: (typeof columns)[number]): number =>
    Math.max(key.length, ...table.map((row) => Math.min(row[key].length, 70)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => {
        const key = columns[at]!;
        if (key === 'note') return cell.slice(0, 160);
        return key === 'path' || key === 'format' ? cell.padEnd(width(key)) : cell.padStart(width(key));
      })
      .join('  ');
  process.stdout.write(`${line(columns)}\n`);
  for (const row of table) process.stdout.write(`${line(columns.map((key) => row[key]))}\n`);
  const sum = (key: 'entries' | 'rejected'): string =>
    table.reduce((total, row) => total + Number(row[key].replaceAll(',', '')), 0).toLocaleString('en');
  const refused = table.filter(({ format }) => format === 'refused').length;
  process.stdout.write(
    `\n${table.length} files: ${sum('entries')} entries, ${sum('rejected')} lines rejected, ${refused} files refused whole\n`,
  );
}
