import { type Severity, TLPS } from '../../kernel/index.ts';
import { EXPORT_GROUPS, type ExportEntry, type ExportGroup } from '../../protocols/exports/index.ts';
import type { ExportFilter } from './definition.ts';

export const SEVERITY_ORDER: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

export interface EntryFilter {
  takes(entry: ExportEntry): boolean;
  /** Seconds since 1970: from then on the entry is no longer in the export; `undefined`: time changes nothing. */
  endsAtS(entry: ExportEntry): number | undefined;
}

/** A filter at one moment, as one function over sets that are made once. */
export function entryFilter(filter: ExportFilter, group: ExportGroup | undefined, nowS: number): EntryFilter {
  const { confidenceMin, action, maxAgeS, addedAfterS } = filter;
  const kinds = filter.kinds.length === 0 ? undefined : new Set<string>(filter.kinds);
  const ofGroup = group === undefined ? undefined : new Set<string>(EXPORT_GROUPS[group]);
  const categories = filter.categories.length === 0 ? undefined : new Set(filter.categories);
  const severities = new Set(SEVERITY_ORDER.slice(SEVERITY_ORDER.indexOf(filter.severityMin)));
  const tlps = new Set(
    TLPS.slice(0, Math.min(TLPS.indexOf(filter.tlpMax), TLPS.indexOf('amber+strict')) + 1),
  );
  const seenAtS = (entry: ExportEntry): number => entry.lastSeenS ?? entry.firstSeenS ?? entry.addedAtS;
  return {
    takes: (entry) =>
      (kinds === undefined || kinds.has(entry.kind)) &&
      (ofGroup === undefined || ofGroup.has(entry.kind)) &&
      (categories === undefined || categories.has(entry.category)) &&
      (action === 'any' || entry.action === action) &&
      severities.has(entry.severity) &&
      entry.confidence >= confidenceMin &&
      tlps.has(entry.tlp) &&
      (addedAfterS === undefined || entry.addedAtS > addedAfterS) &&
      (maxAgeS === undefined || nowS - seenAtS(entry) <= maxAgeS) &&
      (entry.expiresAtS === undefined || entry.expiresAtS > nowS),
    endsAtS: (entry) => {
      const old = maxAgeS === undefined ? undefined : seenAtS(entry) + maxAgeS + 1;
      if (entry.expiresAtS === undefined || old === undefined) return entry.expiresAtS ?? old;
      return Math.min(entry.expiresAtS, old);
    },
  };
}
