import { columnsOf, type PeColumns } from './pe-columns.ts';
import { PE_FEATURES, peVector } from './pe-features.ts';
import type { PeFile } from '../../protocols/pe/index.ts';
import {
  type Calibration,
  isFiniteNumber,
  readCalibration,
  type SiteReason,
  type SiteScore,
  siteScore,
  strongest,
  verdictAt,
} from './site-score.ts';
import { readTrees, type TreesData } from './trees.ts';

/** The body of a model of PE files. */
export interface FileModelBody {
  readonly trees: TreesData;
  readonly calibration: Calibration;
  /** Log odds of a file of which it can say nothing. */
  readonly heldAt: number;
  /** What it reached on data it had not seen, as measured by the run that made it; told, never asked. */
  readonly measured: readonly MeasuredCurve[];
  readonly groups: readonly MeasuredGroup[];
}

export interface MeasuredCurve {
  readonly split: string;
  readonly bad: number;
  readonly good: number;
  readonly auc: number;
  /** True positives at 1 % and at 0.1 % false positives of this split. */
  readonly at1: number;
  readonly at01: number;
  /** True positives at 0.1, 0.2, 0.5, 1, 2, 5, 10 and 20 % false positives. */
  readonly curve: readonly number[];
}

/** How many good files of one kind are above the first threshold. */
export interface MeasuredGroup {
  readonly group: string;
  readonly good: number;
  readonly flagged: number;
}

/** A model of PE files, ready to be asked. */
export interface FileModel {
  readonly version: string;
  readonly calibration: Calibration;
  readonly measured: readonly MeasuredCurve[];
  readonly groups: readonly MeasuredGroup[];
  /** Log odds that the file is bad. Columns that are missing are no evidence. */
  logOdds(columns: PeColumns): number;
  score(columns: PeColumns): SiteScore;
}

/** From the body of a model file; `undefined` when that is not whole or asks for other features. */
export function readFileModel(body: unknown, version: string): FileModel | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  // The fields are looked at one by one.
  const fields = body as Record<string, unknown>;
  const trees = readTrees(fields['trees']);
  const calibration = readCalibration(fields['calibration']);
  const heldAt = fields['heldAt'];
  if (trees === undefined || calibration === undefined || !isFiniteNumber(heldAt)) return undefined;
  if (trees.features.length !== PE_FEATURES.length) return undefined;
  if (trees.features.some((name, at) => name !== PE_FEATURES[at]!.name)) return undefined;
  const held = (columns: PeColumns, odds: number): number =>
    abstention(columns) === undefined ? odds : Math.min(odds, heldAt);
  return {
    version,
    calibration,
    measured: readMeasured(fields['measured']),
    groups: readGroups(fields['groups']),
    logOdds: (columns) => held(columns, trees.logOdds(peVector(columns))),
    score(columns) {
      const row = peVector(columns);
      const free = trees.logOdds(row);
      const odds = held(columns, free);
      const weights = trees.contributions(row);
      const reasons = PE_FEATURES.flatMap(({ name, say }, at): SiteReason[] =>
        Number.isNaN(row[at]!) ? [] : [{ feature: name, text: say(row[at]!), weight: weights[at]! }],
      );
      const verdict = verdictAt(odds, calibration);
      const why = abstention(columns);
      if (why !== undefined && odds < free) reasons.push({ ...why, weight: odds - free });
      return siteScore(odds, calibration, strongest(reasons, verdict));
    },
  };
}

/** Whether a model says no more of such a file than of one that it does not know. */
export function abstains(columns: PeColumns): boolean {
  return abstention(columns) !== undefined;
}

/** What it has not learned: of EFI programs there was one, and an installer's headers are those of its tool. */
function abstention({ isInstaller, Subsystem = 0 }: PeColumns): Omit<SiteReason, 'weight'> | undefined {
  if (isInstaller === 1) {
    return {
      feature: 'installer',
      text: 'is made by the installer tool NSIS, whose headers say nothing of what it installs',
    };
  }
  if (Subsystem < 10 || Subsystem > 13) return undefined;
  return { feature: 'efi', text: 'runs before the operating system; the model has not learned such files' };
}

export function scorePe(model: FileModel, pe: PeFile): SiteScore {
  return model.score(columnsOf(pe));
}

function readMeasured(data: unknown): readonly MeasuredCurve[] {
  if (!Array.isArray(data)) return [];
  return data.slice(0, 64).flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null) return [];
    const { split, bad, good, auc, at1, at01, curve } = each as Record<string, unknown>;
    const points = Array.isArray(curve) ? curve.slice(0, 16).map(Number) : [];
    const numbers = [...[bad, good, auc, at1, at01].map(Number), ...points];
    if (typeof split !== 'string' || numbers.some((value) => !Number.isFinite(value))) return [];
    const [bads = 0, goods = 0, area = 0, one = 0, tenth = 0] = numbers;
    return [
      { split: split.slice(0, 80), bad: bads, good: goods, auc: area, at1: one, at01: tenth, curve: points },
    ];
  });
}

function readGroups(data: unknown): readonly MeasuredGroup[] {
  if (!Array.isArray(data)) return [];
  return data.slice(0, 64).flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null) return [];
    const { group, good, flagged } = each as Record<string, unknown>;
    if (typeof group !== 'string' || !isFiniteNumber(good) || !isFiniteNumber(flagged)) return [];
    return [{ group: group.slice(0, 80), good, flagged }];
  });
}
