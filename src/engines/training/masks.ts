/**
 * What is missing in a row says which table it is from, and one table has malware alone. So every row is trained with
 * several sets of columns, and within each set both labels weigh the same: what is missing then tells nothing.
 */
import { importFactsIn, type PeColumn, type PeColumns, withoutImportFacts } from '../prediction/index.ts';
import type { Sample, SourceName } from './tables.io.ts';

/** The headers that all tables have. */
const COMMON: readonly PeColumn[] = [
  ...([
    'BaseOfCode',
    'Characteristics',
    'DllCharacteristics',
    'FileAlignment',
    'ImageBase',
    'Magic',
  ] as const),
  ...(['NumberOfRvaAndSizes', 'NumberOfSections', 'NumberOfSymbols', 'SizeOfCode', 'SizeOfHeaders'] as const),
  ...(['SizeOfImage', 'SizeOfInitializedData', 'SizeOfUninitializedData'] as const),
];
const FILE: readonly PeColumn[] = ['filesize', 'E_file'];

export const COLUMN_SETS = ['common', 'common+file', 'headers', 'headers+file', 'imports'] as const;
export type ColumnSet = (typeof COLUMN_SETS)[number];

/** The row with these columns alone; `undefined`: it does not have them all. */
export function withColumns(columns: PeColumns, set: ColumnSet): PeColumns | undefined {
  if (set === 'imports') {
    const facts = importFactsIn(columns);
    const others = withColumns(columns, 'common+file') ?? withColumns(columns, 'common');
    return facts === undefined ? undefined : { ...others, ...facts };
  }
  const wantsFile = set.endsWith('+file');
  if (wantsFile && FILE.some((name) => columns[name] === undefined)) return undefined;
  if (set.startsWith('headers')) {
    if (columns.Subsystem === undefined) return undefined;
    const bare = withoutImportFacts(columns);
    const { filesize: _size, E_file: _entropy, ...headers } = bare;
    return wantsFile ? bare : headers;
  }
  const kept: Partial<Record<keyof PeColumns, number>> = {};
  for (const name of wantsFile ? [...COMMON, ...FILE] : COMMON) {
    const value = columns[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** How much a source counts within its label, whatever its size. */
export type SourceWeights = Readonly<Record<SourceName, number>>;

export interface Training {
  readonly rows: readonly PeColumns[];
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
}

export function trainingOf(samples: readonly Sample[], sources: SourceWeights): Training {
  const rows: PeColumns[] = [];
  const labels: number[] = [];
  const weights: number[] = [];
  const groups = groupWeights(samples);
  for (const set of COLUMN_SETS) {
    // A set that one label has alone would tell the label.
    if (!hasBoth(samples, set)) continue;
    for (const isBad of [false, true]) {
      const these = samples.flatMap((sample) => {
        const columns = sample.isBad === isBad ? withColumns(sample.columns, set) : undefined;
        return columns === undefined ? [] : [{ sample, columns }];
      });
      const sums = new Map<SourceName, number>();
      for (const { sample } of these) {
        sums.set(sample.source, (sums.get(sample.source) ?? 0) + groups.get(sample)!);
      }
      const all = [...sums.keys()].reduce((sum, name) => sum + sources[name], 0);
      for (const { sample, columns } of these) {
        const { source } = sample;
        rows.push(columns);
        labels.push(Number(isBad));
        weights.push((SET_WEIGHT * sources[source] * groups.get(sample)!) / (all * sums.get(source)!));
      }
    }
  }
  return { rows, labels: Uint8Array.from(labels), weights: Float64Array.from(weights) };
}

function hasBoth(samples: readonly Sample[], set: ColumnSet): boolean {
  return [false, true].every((label) =>
    samples.some(({ columns, isBad }) => isBad === label && withColumns(columns, set) !== undefined),
  );
}

/** Of each label in each set of columns, in rows. */
const SET_WEIGHT = 2_500;

/** A package of four hundred files that one compiler made is not four hundred witnesses: it counts as its root. */
function groupWeights(samples: readonly Sample[]): ReadonlyMap<Sample, number> {
  const counts = new Map<string, number>();
  const key = ({ source, group, isBad }: Sample): string =>
    source === 'packages' ? group : `${source} ${isBad}`;
  for (const sample of samples) counts.set(key(sample), (counts.get(key(sample)) ?? 0) + 1);
  return new Map(
    samples.map((sample) => [sample, sample.source === 'packages' ? counts.get(key(sample))! ** -0.5 : 1]),
  );
}
