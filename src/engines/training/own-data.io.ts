import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { readPe } from '../../protocols/pe/index.ts';
import { columnsOf, type PeColumns, predictionErrors, readColumns } from '../prediction/index.ts';
import { rowsOf, type Sample } from './tables.io.ts';

/** So many files of one label teach all that there is to learn; more cost time. */
const FILES_MAX = 50_000;
const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** Fewer teach what is special about a handful of files. */
export const LEAST_FILES = 200;

/** Files of an operator: a folder with PE files, or a table in CSV. The first folder below is the group. */
export function readOwn(path: string, isBad: boolean): readonly Sample[] {
  const rows = isFolder(path) ? filesIn(path) : tableRows(path);
  if (rows.length < LEAST_FILES) {
    throw predictionErrors.PREDICTION_DATA({
      path,
      why: `it has ${rows.length} PE files`,
      least: LEAST_FILES,
    });
  }
  return rows.map(({ columns, group }) => ({ columns, isBad, source: 'own', group, day: '' }));
}

interface Found {
  readonly columns: PeColumns;
  readonly group: string;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw predictionErrors.PREDICTION_DATA({ path, why: 'it cannot be read', least: LEAST_FILES }, { cause });
  }
}

function tableRows(path: string): readonly Found[] {
  return rowsOf(path)
    .slice(0, FILES_MAX)
    .map((row) => ({ columns: readColumns(row), group: 'own' }));
}

function filesIn(folder: string): readonly Found[] {
  const found: Found[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (found.length >= FILES_MAX) break;
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || statSync(path).size > FILE_BYTES_MAX) continue;
    const bytes = readFileSync(path);
    const result = readPe({ size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) });
    if (result.kind !== 'pe') continue;
    const [first = 'own', ...below] = relative(folder, path).split(sep);
    found.push({ columns: columnsOf(result.pe), group: below.length === 0 ? 'own' : first });
  }
  return found;
}
