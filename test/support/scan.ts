import { join } from 'node:path';
import { loadConfig, type ScanConfig } from '../../src/engines/config/index.ts';
import { createScanEngine, type ScanEngine, type ScanEngineOptions } from '../../src/engines/scan/index.ts';
import { createVerdictEngine } from '../../src/engines/verdict/index.ts';
import type { Clock, FileVerdict, Log, Metrics } from '../../src/kernel/index.ts';
import { systemClock } from '../../src/platform/index.ts';
import { type IndicatorLab, indicatorLab, SILENT } from './indicators.ts';
import { type Scope, tempDir } from './scope.ts';

/** The test file of EICAR, put together here so that this file is none. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

export interface ScanLab {
  readonly engine: ScanEngine;
  readonly dir: string;
  readonly indicators: IndicatorLab;
  /** Counters and gauges by name, labels behind a space. */
  readonly counts: ReadonlyMap<string, number>;
  scan(bytes: Uint8Array | string, name?: string, profile?: string): Promise<FileVerdict>;
}

export function scanConfig(change: (config: ScanConfig) => ScanConfig = (same) => same): ScanConfig {
  const { scan } = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });
  // Far over what a busy machine takes: a test of such a bound has its own.
  const unpack = { ...scan.unpack, timeoutMs: 200_000 };
  const yara = { ...scan.yara, timeoutMs: 200_000 };
  return change({ ...scan, timeoutMs: 250_000, unpack, yara });
}

/** A scan engine with its threads, in a folder of its own. */
export async function scanLab(
  scope: Scope,
  change?: (config: ScanConfig) => ScanConfig,
  given: Pick<ScanEngineOptions, 'startThread' | 'prediction' | 'predictor'> & {
    readonly clock?: Clock;
    readonly dir?: string;
    readonly log?: Log;
  } = {},
): Promise<ScanLab> {
  const dir = given.dir ?? (await tempDir(scope, 'scan'));
  const indicators = await indicatorLab(scope);
  const counts = new Map<string, number>();
  const engine = createScanEngine({
    config: scanConfig(change),
    dataDir: join(dir, 'data'),
    verdicts: createVerdictEngine({ reader: indicators.reader }),
    indicatorsVersion: () => indicators.reader.generation,
    weakHashesListed: () => indicators.reader.hasWeakHashes,
    clock: given.clock ?? systemClock,
    log: given.log ?? SILENT,
    metrics: countingMetrics(counts),
    ...(given.prediction === undefined ? {} : { prediction: given.prediction }),
    ...(given.predictor === undefined ? {} : { predictor: given.predictor }),
    ...(given.startThread === undefined ? {} : { startThread: given.startThread }),
  });
  scope.after(() => engine.close());
  await engine.ready();
  return {
    engine,
    dir,
    indicators,
    counts,
    scan: async (bytes, name, profile = 'full') => {
      const scan = engine.open({ name, profile });
      try {
        await scan.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
        return await scan.finish();
      } finally {
        scan.close();
      }
    },
  };
}

function countingMetrics(counts: Map<string, number>): Metrics {
  const slot = (name: string, labels: readonly string[]) => {
    const key = [name, ...labels].join(' ');
    return {
      add: (count = 1) => void counts.set(key, (counts.get(key) ?? 0) + count),
      set: (value: number) => void counts.set(key, value),
      observe: () => void counts.set(key, (counts.get(key) ?? 0) + 1),
    };
  };
  return {
    counter: (name, ...labels) => slot(name, labels),
    gauge: (name, ...labels) => slot(name, labels),
    histogram: (name, ...labels) => slot(name, labels),
  };
}

/** Findings as `stage name path`, for short comparisons. */
export function found(verdict: FileVerdict): readonly string[] {
  return verdict.findings.map(({ stage, name, path }) => `${stage} ${name} ${path}`.trim());
}

/** What was not looked at, as `reason path`. */
export function missed(verdict: FileVerdict): readonly string[] {
  return verdict.incomplete.map(({ reason, path }) => `${reason} ${path}`.trim());
}
