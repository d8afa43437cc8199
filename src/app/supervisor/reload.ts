import type { Config } from '../../engines/config/index.ts';
import { appErrors } from '../errors.ts';

/** What the running processes were built around: a reload that changes it is refused whole. */
export function refuseFixedChanges(now: Config, next: Config): void {
  if (now.dataDir !== next.dataDir) throw appErrors.RELOAD_NEEDS_RESTART({ key: 'dataDir' });
  if ((now.edges === 0) !== (next.edges === 0)) throw appErrors.RELOAD_NEEDS_RESTART({ key: 'edges' });
}
