import { createHash } from 'node:crypto';
import type { MatchAction, Severity, Tlp } from '../../kernel/index.ts';
import { TLPS } from '../../kernel/index.ts';
import type { ExportsConfig, TaxiiConfig } from '../config/index.ts';
import type { ExportEntryKind, ExportGroup } from '../../protocols/exports/index.ts';

/** Which entries an export takes. Empty lists take all. */
export interface ExportFilter {
  /** Names of feeds; `local` is one. */
  readonly feeds: readonly string[];
  readonly kinds: readonly ExportEntryKind[];
  readonly categories: readonly string[];
  readonly severityMin: Severity;
  readonly confidenceMin: number;
  readonly action: MatchAction | 'any';
  /** Seconds since an entry was last seen, else first seen, else added. */
  readonly maxAgeS?: number | undefined;
  readonly addedAfterS?: number | undefined;
  readonly tlpMax: Tlp;
}

/** A list that goes out, under a name of its own. */
export interface ExportDefinition {
  readonly name: string;
  readonly origin: 'stored' | 'built-in' | 'feed';
  /** Nobody needs a token for what is TLP:GREEN or more open. */
  readonly public: boolean;
  readonly filter: ExportFilter;
  /** Entries, at most. */
  readonly limit?: number | undefined;
  /** Entries of one part, for firewalls that take no more in one list. */
  readonly split?: number | undefined;
  readonly note: string;
}

/** One form of an export: what is rendered and cached as one. */
export interface ExportVariant {
  readonly definition: ExportDefinition;
  /** A name of `EXPORT_FORMATS`, or `taxii`: the index of a collection. */
  readonly format: string;
  readonly group: ExportGroup | undefined;
}

export const TAXII_FORMAT = 'taxii';
/** What is TLP:RED is for the ears of those in the room and leaves by no export. */
export const TLP_MAX: Tlp = 'amber+strict';
/** What anonymous clients may see of a public export. */
export const TLP_PUBLIC: Tlp = 'green';

const EVERYTHING: ExportFilter = {
  feeds: [],
  kinds: [],
  categories: [],
  severityMin: 'low',
  confidenceMin: 0,
  action: 'any',
  tlpMax: TLP_MAX,
};

export function everything(changes: Partial<ExportFilter>): ExportFilter {
  return { ...EVERYTHING, ...changes };
}

/** Exports that are there without anybody's doing: all that is blocked, all that is allowed, and every feed. */
export function builtInExports(feeds: readonly string[]): readonly ExportDefinition[] {
  const builtIn = (
    name: string,
    filter: Partial<ExportFilter>,
    origin: 'built-in' | 'feed',
    note: string,
  ) => ({
    name,
    origin,
    public: false,
    filter: everything(filter),
    note,
  });
  return [
    builtIn('all-block', { action: 'block' }, 'built-in', 'Everything that is blocked'),
    builtIn('all-allow', { action: 'allow' }, 'built-in', 'Everything that is known good'),
    ...[LOCAL, ...feeds].map((feed) =>
      builtIn(feed, { feeds: [feed] }, 'feed', feed === LOCAL ? 'The local lists' : `The feed ${feed}`),
    ),
  ];
}

export const LOCAL = 'local';

/** Feeds that can go out: a warning list (`suppress`) says nothing about what is good or bad. */
export function exportable(
  feeds: readonly { readonly name: string; readonly action: string }[],
): readonly string[] {
  return feeds.filter(({ action }) => action !== 'suppress').map(({ name }) => name);
}

/** Stored exports come first: one that is named like a feed replaces the built-in of that name. */
export function allExports(
  stored: readonly ExportDefinition[],
  feeds: readonly string[],
): readonly ExportDefinition[] {
  const names = new Set(stored.map(({ name }) => name));
  return [...stored, ...builtInExports(feeds).filter(({ name }) => !names.has(name))];
}

export function findExport(
  stored: readonly ExportDefinition[],
  feeds: readonly string[],
  name: string,
): ExportDefinition | undefined {
  return (
    stored.find((each) => each.name === name) ?? builtInExports(feeds).find((each) => each.name === name)
  );
}

/** The same export with nothing in it that is more secret than `tlp`. */
export function limitedTo(definition: ExportDefinition, tlp: Tlp): ExportDefinition {
  const { filter } = definition;
  const tlpMax = TLPS.indexOf(filter.tlpMax) < TLPS.indexOf(tlp) ? filter.tlpMax : tlp;
  return { ...definition, filter: { ...filter, tlpMax } };
}

/** Settings that shape what is written. */
export interface ExportShape {
  readonly producer: string;
  readonly suricataSidBase: number;
  readonly suricataRulesMax: number;
  readonly mispEventEntriesMax: number;
  readonly fortinetPartLinesMax: number;
  readonly fortinetPartBytesMax: number;
  readonly collectionEntriesMax: number;
}

export function exportShape(config: {
  readonly exports: ExportsConfig;
  readonly taxii: TaxiiConfig;
}): ExportShape {
  const { producer, suricataSidBase, suricataRulesMax } = config.exports;
  const { mispEventEntriesMax, fortinetPartLinesMax, fortinetPartBytesMax } = config.exports;
  const { collectionEntriesMax } = config.taxii;
  return {
    producer,
    suricataSidBase,
    suricataRulesMax,
    mispEventEntriesMax,
    fortinetPartLinesMax,
    fortinetPartBytesMax,
    collectionEntriesMax,
  };
}

/** Names a variant, whatever state the indicators are in. */
export function variantKey({ definition, format, group }: ExportVariant, shape: ExportShape): string {
  // Who may read it, and why it is there, changes nothing in the file.
  const { name, filter, limit, split } = definition;
  return digest(JSON.stringify([1, name, filter, limit, split, format, group, shape]));
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
