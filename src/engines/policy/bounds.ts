import type { PolicyDocument } from './document.ts';
import { problemAt, type PolicyProblem, type Source, valueAt } from './places.ts';

/** How large a document may be, and what it may name that is defined elsewhere. */
export interface PolicyBounds {
  readonly bytesMax: number;
  readonly rulesMax: number;
  /** Of one named list. */
  readonly listEntriesMax: number;
  /** Of one criterion of a rule. */
  readonly valuesMax: number;
  /** Names of profiles that a scan can have; `undefined`: nobody knows them here. */
  readonly scanProfiles: readonly string[] | undefined;
}

/** What is built in, whatever the settings are. */
export const BUILT_IN_PROFILES = ['full', 'hashes', 'off'];

/** The largest that settings can allow: what was stored under other settings is read by these. */
export const CEILINGS: PolicyBounds = {
  bytesMax: 12 * 1024 * 1024,
  rulesMax: 20_000,
  listEntriesMax: 1_000_000,
  valuesMax: 100_000,
  scanProfiles: undefined,
};

/** Where a document is larger than settings allow, or names a profile of scans that is not there. */
export function checkBounds(
  document: PolicyDocument,
  { rulesMax, listEntriesMax, valuesMax, scanProfiles }: PolicyBounds,
  source: Source,
): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const tooMany = (path: readonly PropertyKey[], what: string, max: number, setting: string, hint: string) =>
    problems.push(
      problemAt(path, source, `must not have more than ${max} ${what}`, `${hint}; the bound is ${setting}`),
    );
  if (document.rules.length > rulesMax) {
    tooMany(['rules'], 'rules', rulesMax, 'policy.rulesMax', 'Let lists and feeds name what rules would');
  }
  for (const [name, { kind, entries }] of Object.entries(document.lists)) {
    if (entries.length <= listEntriesMax) continue;
    const path = ['lists', name, kind];
    tooMany(path, 'entries', listEntriesMax, 'policy.listEntriesMax', 'Make a feed of them');
  }
  for (const [at, { when, then }] of document.rules.entries()) {
    for (const path of longValues(when, ['rules', at, 'when'], valuesMax, source)) {
      tooMany(path, 'entries', valuesMax, 'policy.valuesMax', 'Make a named list or a feed of them');
    }
    const { scan } = then;
    if (scan === undefined || scanProfiles === undefined || scanProfiles.includes(scan)) continue;
    const hint = `Known are ${scanProfiles.join(', ')}; scan.profiles in the configuration defines more`;
    problems.push(problemAt(['rules', at, 'then', 'scan'], source, `there is no scan profile ${scan}`, hint));
  }
  return problems;
}

/** Places of values with more entries, also inside of `not` and `any`. */
function longValues(
  when: Readonly<Record<string, unknown>>,
  path: readonly PropertyKey[],
  max: number,
  source: Source,
): readonly (readonly PropertyKey[])[] {
  return Object.entries(when).flatMap(([name, value]) => {
    const place = [...path, name];
    if (!Array.isArray(value)) return [];
    if (name !== 'not' && name !== 'any') return value.length > max ? [place] : [];
    const isList = Array.isArray(valueAt(source.value, place));
    // Conditions nest as such.
    return (value as readonly Readonly<Record<string, unknown>>[]).flatMap((each, index) =>
      longValues(each, isList ? [...place, index] : place, max, source),
    );
  });
}
