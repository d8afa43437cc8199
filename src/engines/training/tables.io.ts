/** The tables of PE features, as rows of columns with label, source and day. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { IMPORT_FACT_NAMES, readColumns, type PeColumns } from '../prediction/index.ts';

/** `own`: files of an operator. */
export type SourceName = 'kaggle' | 'clamp' | 'brazil' | 'packages' | 'own';

export interface Sample {
  readonly columns: PeColumns;
  readonly isBad: boolean;
  readonly source: SourceName;
  /** Where it came from within its source: a package, a month; for curves by group and time. */
  readonly group: string;
  /** `2013-05-17`; empty where nobody wrote it down. */
  readonly day: string;
}

type Row = Readonly<Record<string, string>>;

/** Made by `scripts/training/good-files.ts`, and shipped beside the models. */
const GOOD_FILES = join(import.meta.dirname, '..', '..', '..', 'models', 'good-files.csv.gz');

/** The tables of `01-pe`, and the shipped table of good files. */
export function readTables(dir: string): readonly Sample[] {
  const brazil = rowsOf(join(dir, 'malware_br_2013_2014.csv.gz'));
  return unique([
    ...rowsOf(join(dir, 'kaggle_pe_headers.csv.gz')).map((row) =>
      sampleOf(row, 'kaggle', row['Malware'] === '1', ''),
    ),
    ...clamp(dir),
    ...brazil.map((row) => sampleOf(row, 'brazil', true, row['day'] ?? '')),
    ...rowsOf(join(dir, 'benign_pe.csv.gz')).map((row) => sampleOf(row, 'packages', false, '')),
    ...goodFiles(),
  ]);
}

/** The shipped table. Facts of the imports stand there as they are, for the names that they come from are long. */
export function goodFiles(): readonly Sample[] {
  return rowsOf(GOOD_FILES).map((row) => {
    const sample = sampleOf(row, 'packages', false, '');
    const facts = Object.fromEntries(IMPORT_FACT_NAMES.map((name) => [name, Number(row[name])]));
    return { ...sample, columns: { ...sample.columns, ...facts } };
  });
}

function sampleOf(row: Row, source: SourceName, isBad: boolean, day: string): Sample {
  const group = row['pkg'] ?? (day === '' ? source : `${source} ${day.slice(0, 7)}`);
  return { columns: readColumns(row), isBad, source, group, day };
}

/** Columns in which a file of ClaMP's integrated table is found in its raw one. */
const SHARED = (
  'e_cblp e_cp e_cparhdr e_maxalloc e_sp e_lfanew NumberOfSections MajorLinkerVersion MinorLinkerVersion SizeOfCode SizeOfInitializedData SizeOfUninitializedData ' +
  'BaseOfCode AddressOfEntryPoint BaseOfData MajorOperatingSystemVersion MajorImageVersion CheckSum Subsystem SizeOfStackReserve SizeOfStackCommit SizeOfHeapReserve class'
).split(' ');

/** The raw table has whole headers, the other one size and entropy of the files: one row from both. */
function clamp(dir: string): readonly Sample[] {
  const key = (row: Row): string => SHARED.map((name) => row[name]).join(' ');
  const files = new Map(rowsOf(join(dir, 'clamp_integrated.csv.gz')).map((row) => [key(row), row]));
  return rowsOf(join(dir, 'clamp_raw.csv.gz')).map((row) => {
    const file = files.get(key(row));
    const more: Row = file === undefined ? {} : { filesize: file['filesize']!, E_file: file['E_file']! };
    return sampleOf({ ...row, ...more }, 'clamp', row['class'] === '1', '');
  });
}

/** Rows of a table in CSV (RFC 4180), packed or not, by the names in its first line. */
export function rowsOf(path: string): readonly Row[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const [names = [], ...records] = recordsOf(text);
  return records.map((fields) => Object.fromEntries(names.map((name, at) => [name, fields[at] ?? ''])));
}

function recordsOf(text: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let record: string[] = [];
  for (let at = 0; at < text.length;) {
    const { field, end } = text[at] === '"' ? quotedField(text, at + 1) : plainField(text, at);
    record.push(field);
    at = end + 1;
    if (text[end] === ',') continue;
    if (record.length > 1 || field !== '') records.push(record);
    record = [];
  }
  return records;
}

function plainField(text: string, start: number): { readonly field: string; readonly end: number } {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n') end++;
  return { field: text.slice(start, end).trim(), end };
}

/** Two quotes are one; what stands between the last quote and the comma is none. */
function quotedField(text: string, start: number): { readonly field: string; readonly end: number } {
  let close = text.indexOf('"', start);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  const last = close < 0 ? text.length : close;
  return { field: text.slice(start, last).replaceAll('""', '"'), end: plainField(text, last).end };
}

/** One of those that are alike in every column; rows of both labels are no evidence, and none is kept. */
function unique(samples: readonly Sample[]): readonly Sample[] {
  const seen = new Map<string, Sample | 'both'>();
  for (const sample of samples) {
    const key = JSON.stringify(sample.columns);
    const before = seen.get(key);
    if (before === undefined) seen.set(key, sample);
    else if (before !== 'both' && before.isBad !== sample.isBad) seen.set(key, 'both');
  }
  return [...seen.values()].filter((each) => each !== 'both');
}
