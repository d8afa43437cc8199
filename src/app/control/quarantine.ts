import type { Config } from '../../engines/config/index.ts';
import { QuarantineStore } from '../../engines/quarantine/index.ts';
import type { State } from '../../engines/state/index.ts';
import type { Metrics } from '../../kernel/index.ts';
import type { Foundation } from './foundation.ts';

/** The list of files that are kept; the files are in `DATA_DIR/quarantine`. */
export function openQuarantineStore(
  base: Foundation,
  seam: { readonly state: () => State; readonly metrics?: Metrics; config(): Config },
): QuarantineStore {
  const { state, config, ...counted } = seam;
  return new QuarantineStore({
    ...base,
    ...counted,
    sql: (text, parameters) => state().sql(text, parameters),
    config: () => config().quarantine,
    // Who gets a file is written down first: without the entry there is no file.
    audit: (action, details, { actor, source }) =>
      state().audit({ actor, source, action, outcome: 'done', details }),
  });
}
