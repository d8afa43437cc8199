import { join } from 'node:path';
import {
  createIndicatorAdmin,
  type ImportRequest,
  type IndicatorAdmin,
  type IndicatorAdminOptions,
  type IndicatorReader,
  openIndicators,
} from '../../src/engines/indicators/index.ts';
import type { Clock, Log } from '../../src/kernel/index.ts';
import { writeFile } from 'node:fs/promises';
import { type Scope, tempDir } from './scope.ts';

export const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A clock that stands still until it is set. */
export class SetClock implements Clock {
  nowMs = Date.UTC(2026, 0, 1);
  now(): number {
    return this.nowMs;
  }
  monotonic(): number {
    return performance.now();
  }
}

export interface IndicatorLab {
  readonly dir: string;
  readonly clock: SetClock;
  readonly admin: IndicatorAdmin;
  readonly reader: IndicatorReader;
  readonly audits: { action: string; details: Readonly<Record<string, unknown>>; actor: string }[];
  readonly published: string[];
  /** Writes a list and imports it. */
  add(feed: string, list: string, request?: Partial<ImportRequest>): Promise<void>;
}

/** A folder of indicators with both sides of it; publishing reloads the reader. */
export async function indicatorLab(
  scope: Scope,
  given: Partial<IndicatorAdminOptions> = {},
): Promise<IndicatorLab> {
  const folder = await tempDir(scope, 'indicators');
  const dir = join(folder, 'indicators');
  const clock = new SetClock();
  const reader = openIndicators(dir, clock);
  scope.after(() => reader.close());
  const audits: IndicatorLab['audits'] = [];
  const published: string[] = [];
  const admin = createIndicatorAdmin({
    dir,
    clock,
    log: SILENT,
    runImports: 'here',
    publish: async (generation) => {
      published.push(generation);
      await reader.reload();
    },
    audit: (action, details, actor) => void audits.push({ action, details, actor }),
    ...given,
  });
  return {
    dir,
    clock,
    admin,
    reader,
    audits,
    published,
    add: async (feed, list, request = {}) => {
      const file = join(folder, `${feed}.txt`);
      await writeFile(file, list);
      await admin.importFile({ file, feed, format: 'plain', ...request }, 'test');
    },
  };
}
