import type { Clock, Match, Verdict } from '../../kernel/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import type { IndicatorReader } from '../indicators/index.ts';
import type { VerdictEngine } from '../verdict/index.ts';
import { type Threat, type ThreatOf, THREATS } from './categories.ts';
import { type Audience, isTold } from './lists.ts';

/** One expression that is a threat. */
export interface FoundHash {
  /** SHA-256 of the expression. */
  readonly hash: Uint8Array;
  readonly threats: readonly Threat[];
}

export interface HashFinderOptions {
  readonly reader: Pick<IndicatorReader, 'byPrefix'>;
  readonly verdicts: Pick<VerdictEngine, 'evaluateUrl'>;
  readonly threatOf: ThreatOf;
  readonly clock: Clock;
}

export interface HashFinder {
  /** What is known of expressions whose hash starts with these 4 to 32 bytes. */
  find(prefix: Uint8Array, audience: Audience): readonly FoundHash[];
  /** The lists that make a verdict what it is; none when it is good or nothing is known. */
  threatsOf(verdict: Verdict, audience: Audience): readonly Threat[];
}

/** Answers with what decides: an expression that the operator has allowed is none, whatever lists say. */
export function createHashFinder({ reader, verdicts, threatOf, clock }: HashFinderOptions): HashFinder {
  const isBad = (expression: string): boolean => {
    const url = canonicalUrl(`http://${expression}`);
    if (url === undefined) return false;
    const { verdict } = verdicts.evaluateUrl(url);
    return verdict === 'malicious' || verdict === 'suspicious';
  };

  return {
    find(prefix, audience) {
      const found = new Map<string, { hash: Uint8Array; expression: string; threats: Set<Threat> }>();
      const nowS = clock.now() / 1000;
      for (const { hash, expression, entry } of reader.byPrefix(prefix)) {
        if (entry.action !== 'block' || !isTold(audience, entry.tlp)) continue;
        if (entry.expiresAtS !== undefined && entry.expiresAtS <= nowS) continue;
        const threat = threatOf(entry);
        if (threat === undefined) continue;
        const known = found.get(expression);
        if (known !== undefined) known.threats.add(threat);
        else found.set(expression, { hash, expression, threats: new Set([threat]) });
      }
      return [...found.values()]
        .filter(({ expression }) => isBad(expression))
        .map(({ hash, threats }) => ({ hash, threats: inOrder(threats) }));
    },

    threatsOf({ verdict, matches }, audience) {
      if (verdict !== 'malicious' && verdict !== 'suspicious') return [];
      const isListed = (match: Match): boolean => match.action === 'block' && isTold(audience, match.tlp);
      return inOrder(new Set(matches.filter(isListed).map(threatOf)));
    },
  };
}

function inOrder(threats: ReadonlySet<Threat | undefined>): readonly Threat[] {
  return THREATS.filter((threat) => threats.has(threat));
}
