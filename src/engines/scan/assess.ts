import type { Finding, Incomplete, Match, Verdict } from '../../kernel/index.ts';
import { BLOCK_SCORES, MALICIOUS_FROM, UNKNOWN_SCORE } from '../verdict/index.ts';

/** Everything was looked at and nothing was found: better than known-good by a feed that nobody has scanned with. */
export const NOTHING_FOUND_SCORE = 20;
/** Findings that only say what a file has; most such files are harmless. Policies may ask for them by name. */
export const TRAIT_NAMES: ReadonlySet<string> = new Set(['macros', 'pdf-javascript']);

/**
 * The verdict over findings, beside `verdictOf` over matches:
 * - the worst finding decides, with the scores of indicators: low 60 (suspicious), medium 75, high 90,
 *   critical 100 (malicious); a trait (macros in a document) decides nothing;
 * - hashes come first: known-bad is malicious at once, and known-good by SHA-256 is clean at once; neither is
 *   scanned;
 * - no finding, but something was not looked at: unknown. What to do about it is for policy to say;
 * - no finding in a whole file: clean.
 */
export function assess(
  findings: readonly Finding[],
  incomplete: readonly Incomplete[],
  matches: readonly Match[],
  looked: boolean,
): Verdict {
  const score = Math.max(
    0,
    ...findings.filter((each) => !isTrait(each)).map(({ severity }) => BLOCK_SCORES[severity]),
  );
  if (score > 0) return { verdict: score >= MALICIOUS_FROM ? 'malicious' : 'suspicious', score, matches };
  if (incomplete.length > 0 || !looked) return { verdict: 'unknown', score: UNKNOWN_SCORE, matches };
  return { verdict: 'clean', score: NOTHING_FOUND_SCORE, matches };
}

function isTrait({ stage, name }: Finding): boolean {
  return stage === 'unpack' && TRAIT_NAMES.has(name);
}
