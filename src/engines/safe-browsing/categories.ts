import type { Severity } from '../../kernel/index.ts';

/** The lists that a gateway makes of its indicators. */
export const THREATS = ['malware', 'social-engineering', 'unwanted-software', 'harmful-application'] as const;
export type Threat = (typeof THREATS)[number];

/** Which categories of indicators make which list. A term that ends in `*` is the start of a word. */
export interface CategoryMapping {
  readonly socialEngineering: readonly string[];
  readonly unwantedSoftware: readonly string[];
  readonly harmfulApplications: readonly string[];
  /** On no list: what is unwanted at work is no threat. */
  readonly unlisted: readonly string[];
}

/** What a list goes by; an entry of any origin has it. */
export interface Listable {
  readonly category: string;
  readonly severity: Severity;
  readonly confidence: number;
}

export type ThreatOf = (entry: Listable) => Threat | undefined;

/** Below this the gateway itself calls a thing suspicious, not malicious; no browser is stopped for that. */
const SURE_FROM = 50;

/**
 * The list that an entry belongs to. What is on none of the mapping's lists is malware, unless it is of low severity:
 * browsers show a page of warning that says so. Unwanted software is listed at any severity.
 */
export function threatMapping(mapping: CategoryMapping): ThreatOf {
  const rules: readonly (readonly [Threat | undefined, Matcher])[] = [
    [undefined, matcherOf(mapping.unlisted)],
    ['social-engineering', matcherOf(mapping.socialEngineering)],
    ['unwanted-software', matcherOf(mapping.unwantedSoftware)],
    ['harmful-application', matcherOf(mapping.harmfulApplications)],
  ];
  // Lists have few categories and many entries.
  const known = new Map<string, Threat | undefined>();
  const threatOf = (category: string): Threat | undefined => {
    if (known.has(category)) return known.get(category);
    const rule = rules.find(([, matches]) => matches(category.toLowerCase()));
    const threat = rule === undefined ? 'malware' : rule[0];
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(category, threat);
    return threat;
  };
  return ({ category, severity, confidence }) => {
    if (confidence < SURE_FROM) return undefined;
    const threat = threatOf(category);
    return severity === 'low' && threat !== 'unwanted-software' ? undefined : threat;
  };
}

const KNOWN_MAX = 1000;

type Matcher = (category: string) => boolean;

function matcherOf(terms: readonly string[]): Matcher {
  const lower = terms.map((term) => term.toLowerCase());
  const whole = new Set(lower.filter((term) => !term.endsWith('*')));
  const starts = lower.filter((term) => term.endsWith('*')).map((term) => term.slice(0, -1));
  return (category) => {
    if (whole.has(category)) return true;
    if (starts.length === 0) return false;
    const words = category.split(/[^a-z0-9]+/);
    return words.some((word) => starts.some((start) => word.startsWith(start)));
  };
}
