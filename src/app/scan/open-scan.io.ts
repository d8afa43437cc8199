import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../engines/config/index.ts';
import { openIndicators } from '../../engines/indicators/index.ts';
import { createScanEngine, type ScanEngine, scanMetrics } from '../../engines/scan/index.ts';
import { createMetrics } from '../../engines/telemetry/index.ts';
import { createVerdictEngine } from '../../engines/verdict/index.ts';
import type { Log } from '../../kernel/index.ts';
import { systemClock } from '../../platform/index.ts';

/**
 * A scan engine in the process of a command, over the rules and lists of the data directory. It only reads there: what
 * another user wrote into it the gateway could not read.
 */
export function openScan(config: Config, log: Log): { readonly engine: ScanEngine; close(): Promise<void> } {
  const reader = openIndicators(join(config.dataDir, 'indicators'), systemClock);
  const spoolDir = mkdtempSync(join(tmpdir(), 'sallyport-scan-'));
  const engine = createScanEngine({
    spoolDir,
    config: config.scan,
    prediction: config.prediction,
    dataDir: config.dataDir,
    verdicts: createVerdictEngine({ reader }),
    indicatorsVersion: () => reader.generation,
    weakHashesListed: () => reader.hasWeakHashes,
    clock: systemClock,
    log,
    metrics: createMetrics(scanMetrics),
  });
  return {
    engine,
    close: async () => {
      await engine.close();
      reader.close();
      rmSync(spoolDir, { recursive: true, force: true });
    },
  };
}
