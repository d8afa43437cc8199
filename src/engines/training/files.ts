/** Trains and measures the model of PE files. Only what is handed in is read; the same rows give the same bytes. */
import {
  type Calibration,
  type FileModel,
  type FileModelBody,
  type MeasuredCurve,
  type MeasuredGroup,
  PE_FEATURE_NAMES,
  peVector,
  readTrees,
  type TreesData,
} from '../prediction/index.ts';
import { withBorrowedImports } from './borrowed.ts';
import type { BoostOptions } from './boost-options.ts';
import { meanOfTrees, trainBoost } from './boost.ts';
import { plattOf } from './calibrate.ts';
import { curveOf, thresholdAt } from './curves.ts';
import { type SourceWeights, trainingOf } from './masks.ts';
import type { Sample } from './tables.io.ts';

const SEEDS = [11, 12] as const;
/** What is only learned because tables differ, or against what everybody knows, is not learned. */
const MONOTONE = {
  aslr: -1,
  nx: -1,
  'control-flow-guard': -1,
  'high-entropy-addresses': -1,
  checksum: -1,
  symbols: -1,
  library: -1,
  entropy: 1,
  'no-protections': 1,
  'odd-directories': 1,
  'imports-network': 1,
  'imports-visual-basic': 1,
  'imports-by-name-later': 1,
  'imports-input-watching': 1,
  'imports-memory-of-others': 1,
  'imports-starting-programs': 1,
  'imports-downloading': 1,
} as const;
const OPTIONS: Partial<BoostOptions> = {
  rounds: 120,
  rate: 0.12,
  leavesMax: 192,
  leafHessianMin: 0.3,
  l2: 0.5,
  featureShare: 0.7,
  rowShare: 0.9,
  monotone: MONOTONE,
};
const FOLDS = 4;

export interface FilesTask {
  readonly samples: readonly Sample[];
  /** How much each source counts within its label. */
  readonly sources: SourceWeights;
  readonly say: (line: string) => void;
}

export function fitFiles(
  { samples, sources }: Omit<FilesTask, 'say'>,
  seeds: readonly number[] = SEEDS,
): TreesData {
  const { rows, labels, weights } = trainingOf(withBorrowedImports(samples), sources);
  const vectors = rows.map((columns) => peVector(columns));
  const columns = PE_FEATURE_NAMES.map((_, at) => Float64Array.from(vectors, (vector) => vector[at]!));
  const table = { features: PE_FEATURE_NAMES, columns, labels, weights };
  return meanOfTrees(seeds.map((seed) => trainBoost(table, { ...OPTIONS, seed })));
}

/** A model with thresholds and curves from rows that the measuring models had not seen. */
export function trainFiles(task: FilesTask): FileModelBody {
  const held = outOfFold(task);
  const calibrated = calibrationOf(held);
  task.say(`calibrated on ${held.length} rows that were left out`);
  return {
    trees: fitFiles(task),
    ...calibrated,
    measured: [foldCurve(held), ...measureSplits(task)],
    groups: groupsOf(held, calibrated.calibration.suspicious),
  };
}

/** By a model in force, with what it holds back. */
export function scoreBy(model: FileModel, samples: readonly Sample[]): readonly Scored[] {
  return samples.map((sample) => ({ sample, odds: model.logOdds(sample.columns) }));
}

export interface Scored {
  readonly sample: Sample;
  readonly odds: number;
}

/** Every row by a model that knows neither it nor its group. */
function outOfFold(task: FilesTask): readonly Scored[] {
  const scored: Scored[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const isHeld = (sample: Sample, at: number): boolean => foldOf(sample, at) === fold;
    const rest = task.samples.filter((sample, at) => !isHeld(sample, at));
    const held = task.samples.filter(isHeld);
    scored.push(...scoreWith(fitFiles({ ...task, samples: rest }, [SEEDS[0]]), held));
    task.say(`fold ${fold + 1} of ${FOLDS}`);
  }
  return scored;
}

/** Files of one package or one month stay together; of the others nothing is known but the row. */
function foldOf({ group, source }: Sample, at: number): number {
  if (group === source) return at % FOLDS;
  let sum = 0;
  for (const char of group) sum = (sum * 31 + char.charCodeAt(0)) % 65_521;
  return sum % FOLDS;
}

export function scoreWith(trees: TreesData, samples: readonly Sample[]): readonly Scored[] {
  const model = readTrees(trees);
  if (model === undefined) throw new RangeError('the trees that were grown cannot be read');
  return samples.map((sample) => ({ sample, odds: model.logOdds(peVector(sample.columns)) }));
}

/**
 * Thresholds from the good rows; the first holds for the table that does worst. The scale is Platt's, moved so that a file on the first threshold is as likely bad as
 * good: that is the share of bad files in the stream for which the threshold is right. Where the model has nothing to
 * say, that share is the answer.
 */
function calibrationOf(scored: readonly Scored[]): {
  readonly calibration: Calibration;
  readonly heldAt: number;
} {
  const { slope, offset } = plattOf(
    scored.map(({ odds }) => odds),
    scored.map(({ sample }) => sample.isBad),
  );
  const good = scored.filter(({ sample }) => !sample.isBad);
  const suspicious = rounded(Math.max(...tablesOf(good).map((table) => thresholdOf(table, 0.01))));
  const malicious = rounded(thresholdOf(good, 0.001));
  return {
    calibration: { slope, offset: rounded(-slope * suspicious), suspicious, malicious },
    heldAt: rounded(-offset / slope),
  };
}

/** All of them, and each table that has enough to say where one in a hundred is. */
function tablesOf(good: readonly Scored[]): readonly (readonly Scored[])[] {
  const tables = [...new Set(good.map(({ sample }) => sample.source))].map((source) =>
    good.filter(({ sample }) => sample.source === source),
  );
  return [good, ...tables.filter((table) => table.length >= TABLE_MIN)];
}

const TABLE_MIN = 1_000;

function thresholdOf(good: readonly Scored[], share: number): number {
  return thresholdAt(
    good.map(({ odds }) => odds),
    share,
  );
}

function foldCurve(scored: readonly Scored[]): MeasuredCurve {
  return curveFor('all sources, rows left out by fourths', scored, scored);
}

/** By source: each one by a model without it. By time: 2014 by a model of everything before it. */
export function measureSplits(task: FilesTask): readonly MeasuredCurve[] {
  const { samples, say } = task;
  const curves: MeasuredCurve[] = [];
  const add = (split: string, bad: readonly Scored[], good: readonly Scored[]): void => {
    if (bad.length === 0 || good.length === 0) return;
    const curve = curveFor(split, bad, good);
    curves.push(curve);
    say(lineOf(curve));
  };
  for (const source of new Set(samples.map((each) => each.source))) {
    const held = samples.filter((each) => each.source === source);
    const others = samples.filter((each) => each.source !== source);
    if (!hasBoth(others)) continue;
    const trees = fitFiles({ ...task, samples: others }, [SEEDS[0]]);
    const scored = scoreWith(trees, held);
    if (hasBoth(held)) add(`source ${source} left out`, scored, scored);
    // A table of one label is held against the others, which this model has seen: the easy side.
    else add(`source ${source} left out, against the others`, ...sidesOf(scored, scoreWith(trees, others)));
  }
  const dated = samples
    .filter(({ day }) => day !== '')
    .map(({ day }) => day)
    .toSorted();
  const border = dated[Math.floor(dated.length / 2)];
  if (border !== undefined) byTime(task, border, add);
  return curves;
}

function sidesOf(
  held: readonly Scored[],
  others: readonly Scored[],
): readonly [readonly Scored[], readonly Scored[]] {
  return held.some(({ sample }) => sample.isBad) ? [held, others] : [others, held];
}

function byTime(
  task: FilesTask,
  border: string,
  add: (split: string, bad: readonly Scored[], good: readonly Scored[]) => void,
): void {
  const { samples } = task;
  // Of the good ones nobody knows the day: a fourth is left out.
  const isLater = (sample: Sample, at: number): boolean =>
    sample.day === '' ? !sample.isBad && foldOf(sample, at) === 0 : sample.day >= border;
  const later = samples.filter(isLater);
  const trees = fitFiles({ ...task, samples: samples.filter((sample, at) => !isLater(sample, at)) }, [
    SEEDS[0],
  ]);
  const good = scoreWith(
    trees,
    later.filter(({ isBad }) => !isBad),
  );
  const bad = scoreWith(
    trees,
    later.filter(({ isBad }) => isBad),
  );
  add(`from ${border}`, bad, good);
  for (const quarter of [...new Set(bad.map(({ sample }) => quarterOf(sample.day)))].toSorted()) {
    add(
      `  in ${quarter}`,
      bad.filter(({ sample }) => quarterOf(sample.day) === quarter),
      good,
    );
  }
}

function quarterOf(day: string): string {
  return `${day.slice(0, 4)} quarter ${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
}

export function curveFor(split: string, bad: readonly Scored[], good: readonly Scored[]): MeasuredCurve {
  const curve = curveOf(
    bad.filter(({ sample }) => sample.isBad).map(({ odds }) => odds),
    good.filter(({ sample }) => !sample.isBad).map(({ odds }) => odds),
  );
  const { auc, at1, at01, curve: points } = curve;
  return {
    ...curve,
    split,
    auc: rounded(auc),
    at1: rounded(at1),
    at01: rounded(at01),
    curve: points.map(rounded),
  };
}

/** Of the good ones alone; packages of Debian and of npm are told apart by their names. */
export function groupsOf(scored: readonly Scored[], threshold: number): readonly MeasuredGroup[] {
  const groups = new Map<string, { good: number; flagged: number }>();
  for (const { sample, odds } of scored) {
    if (sample.isBad) continue;
    const { source, group } = sample;
    const kind =
      source !== 'packages'
        ? source
        : /^npm-|-\d+\.\d+\.\d+$/.test(group)
          ? 'npm packages'
          : 'Debian packages';
    const name = source === 'own' ? group : kind;
    const counts = groups.get(name) ?? { good: 0, flagged: 0 };
    groups.set(name, { good: counts.good + 1, flagged: counts.flagged + Number(odds > threshold) });
  }
  return [...groups].map(([group, counts]) => ({ group, ...counts }));
}

export function lineOf({ split, bad, good, auc, at1, at01 }: MeasuredCurve): string {
  return `${split}: ${bad} bad, ${good} good, AUC ${auc}, TPR ${at1} at 1 %, ${at01} at 0.1 %`;
}

function hasBoth(samples: readonly Sample[]): boolean {
  return samples.some(({ isBad }) => isBad) && samples.some(({ isBad }) => !isBad);
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
