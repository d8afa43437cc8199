import type { GatewayError } from '../../kernel/index.ts';
import type { State } from '../state/index.ts';
import { policyErrors } from './errors.ts';
import type { PolicyProblem } from './places.ts';
import { SECTION } from './section.ts';

/** A version of the configuration in which the policy was changed. */
export interface StoredVersion {
  readonly number: number;
  readonly atMs: number;
  readonly author: string;
  readonly summary: string;
}

export async function textsOfVersions(state: State, limit: number): Promise<readonly StoredVersion[]> {
  const all = await state.versions(1000);
  return all
    .filter(({ diff }) => diff.some(({ path }) => path === SECTION || path.startsWith(`${SECTION}.`)))
    .slice(0, limit)
    .map(({ number, atMs, author, summary }) => ({ number, atMs, author, summary }));
}

/** Every fault with its line, column and hint. */
export function invalidPolicy(problems: readonly PolicyProblem[]): GatewayError {
  const count = problems.length === 1 ? 'a fault' : `${problems.length} faults`;
  return policyErrors.POLICY_INVALID({ count, text: problemText(problems), problems });
}

export function problemText(problems: readonly PolicyProblem[]): string {
  return problems
    .map(({ line, column, path, message, hint }) => {
      const place = line === undefined ? '' : `${line}:${column ?? 1} `;
      return `  ${place}${path}: ${message}${hint === undefined ? '' : `\n      ${hint}`}`;
    })
    .join('\n');
}
