import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../../engines/config/index.ts';
import {
  createExportAdmin,
  exportShape,
  Renderer,
  WrittenCollections,
  WrittenStore,
  type ExportAdmin,
} from '../../engines/exports/index.ts';
import type { IndicatorAdmin } from '../../engines/indicators/index.ts';
import type { State } from '../../engines/state/index.ts';
import type { EdgeLinks, Metrics } from '../../kernel/index.ts';
import type { Foundation } from './foundation.ts';

export interface ExportSeam {
  readonly state: () => State;
  /** `undefined` on a stopped gateway. */
  readonly links: EdgeLinks | undefined;
  readonly indicators: IndicatorAdmin;
  readonly metrics?: Metrics;
  readonly runRenders: 'child' | 'here';
  config(): Config;
}

/** Lists that go out, and the collections that others write to. */
export function openExportEngine({ dataDir, clock, log }: Foundation, seam: ExportSeam): ExportAdmin {
  const { state, links, indicators, metrics, runRenders, config } = seam;
  const dir = join(dataDir, 'exports');
  const counted = metrics === undefined ? {} : { metrics };
  const renderer = new Renderer({
    indicatorsDir: join(dataDir, 'indicators'),
    cacheDir: join(dir, 'cache'),
    clock,
    log,
    runRenders,
    shape: () => exportShape(config()),
    bounds: () => config().exports,
    ...counted,
  });
  const written = new WrittenCollections({
    store: new WrittenStore(join(dataDir, 'taxii.sqlite')),
    spoolDir: join(dir, 'spool'),
    indicators,
    clock,
    log,
    newId: randomUUID,
    limits: () => config().taxii,
    audit: (action, details, actor) => {
      // The change is made; an audit that cannot be written is an alarm, not a failure of the request.
      state()
        .audit({ actor, source: 'taxii', action, outcome: 'done', details })
        .catch((error: unknown) => log.error('audit.not-written', { action, error }));
    },
    ...counted,
  });
  return createExportAdmin({
    state,
    links,
    renderer,
    written,
    feeds: () => indicators.feeds(),
  });
}
