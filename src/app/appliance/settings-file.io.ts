import { readFileSync } from 'node:fs';
import { withSettings } from '../../engines/config/index.ts';
import type { Plan } from './plan.ts';

/** The file with other values at some keys, and the way back. Comments and everything else stay. */
export function settingsWith(
  file: string,
  changes: readonly (readonly [key: string, value: unknown])[],
): { readonly change: Plan; readonly undo: Plan } {
  const before = readFileSync(file, 'utf8');
  const plan = (content: string): Plan => ({
    what: 'the settings',
    steps: [{ kind: 'write', path: file, content }],
  });
  return { change: plan(withSettings(before, changes)), undo: plan(before) };
}
