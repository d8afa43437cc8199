import { join, resolve, sep } from 'node:path';
import type { LogTarget } from './target.ts';

/**
 * Why a target may not be where it is; `undefined`: it may. Who may add a target may not write everywhere that the
 * gateway's user may.
 */
export function misplaced(
  { transport, url }: LogTarget,
  dataDir: string,
  others: readonly string[],
): string | undefined {
  if (transport !== 'file') return undefined;
  const folders = [join(dataDir, 'log'), ...others];
  const path = resolve(url);
  if (folders.some((folder) => path.startsWith(`${resolve(folder)}${sep}`))) return undefined;
  return `files are written below ${folders.join(' or ')}; the setting logTargets.folders names others`;
}
