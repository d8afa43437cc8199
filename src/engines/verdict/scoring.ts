import type { Match, Severity, Verdict } from '../../kernel/index.ts';

/**
 * Score and verdict of the entry that decides, by its severity. Weak indicators (adware, spam, dynamic
 * addresses) are worth a warning, not an accusation.
 */
export const BLOCK_SCORES: Readonly<Record<Severity, number>> = {
  low: 60,
  medium: 75,
  high: 90,
  critical: 100,
};
/** From here on a thing is malicious; below it is suspicious. */
export const MALICIOUS_FROM = 75;
/** The operator vouches for what is on the local allow list. */
export const LOCAL_ALLOW_SCORE = 0;
/** A feed of known-good things says that many know it, not that it cannot be misused. */
export const KNOWN_GOOD_SCORE = 10;
/** Known-good by the longest match, but bad by another: clean, with less certainty. */
export const CONTESTED_GOOD_SCORE = 30;
/**
 * Known-good by an MD5 or SHA-1 alone: two files can be made that share one (collisions of both are
 * practical: Stevens et al. 2017 for SHA-1), so it proves nothing and never saves a scan.
 */
export const WEAK_GOOD_SCORE = 40;
export const UNKNOWN_SCORE = 50;
/** A list that is less than half sure of its entry makes it suspicious, not malicious. */
export const SURE_FROM = 50;

const UNKNOWN: Verdict = Object.freeze({
  verdict: 'unknown',
  score: UNKNOWN_SCORE,
  matches: Object.freeze([]),
});

/** The verdict over matches that are sorted by precedence: the first one decides. Labels come last and decide nothing. */
export function verdictOf(matches: readonly Match[]): Verdict {
  const [first] = matches;
  if (first === undefined) return UNKNOWN;
  if (first.action === 'label') return { verdict: 'unknown', score: UNKNOWN_SCORE, matches };
  if (first.action === 'block') {
    const full = BLOCK_SCORES[first.severity];
    const score = first.confidence < SURE_FROM ? Math.min(full, BLOCK_SCORES.low) : full;
    return { verdict: score >= MALICIOUS_FROM ? 'malicious' : 'suspicious', score, matches };
  }
  if (first.feed === 'local') return { verdict: 'clean', score: LOCAL_ALLOW_SCORE, matches };
  const isContested = matches.some((match) => match.action === 'block');
  return { verdict: 'clean', score: isContested ? CONTESTED_GOOD_SCORE : KNOWN_GOOD_SCORE, matches };
}

/** The verdict over matches of a file's hash. */
export function hashVerdictOf(hash: string, matches: readonly Match[]): Verdict {
  const verdict = verdictOf(matches);
  const isStrong = hash.length === SHA256_DIGITS;
  if (verdict.verdict !== 'clean' || isStrong || matches[0]?.feed === 'local') return verdict;
  return { verdict: 'unknown', score: WEAK_GOOD_SCORE, matches };
}

const SHA256_DIGITS = 64;
