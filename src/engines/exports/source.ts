import type { Clock } from '../../kernel/index.ts';
import type { ExportEntry } from '../../protocols/exports/index.ts';
import type { FeedInfo, IndicatorReader } from '../indicators/index.ts';
import { createVerdictEngine } from '../verdict/index.ts';
import { digest, type ExportDefinition, type ExportVariant, LOCAL } from './definition.ts';
import { entryFilter } from './filter.ts';
import { locallyAllowed } from './local-allow.ts';
import { SeenTexts } from './seen.ts';

/** What of a reader an export is made from. */
export type ExportReader = Pick<IndicatorReader, 'feeds' | 'local' | 'generation'>;

/** The feeds that an export takes, in their order, and whether the local lists are among them. */
export function sourcesOf(
  { filter }: ExportDefinition,
  reader: ExportReader,
): { readonly feeds: readonly FeedInfo[]; readonly local: boolean } {
  const able = reader.feeds.filter(({ action }) => action !== 'suppress');
  if (filter.feeds.length === 0) return { feeds: able, local: true };
  const wanted = new Set(filter.feeds);
  return { feeds: able.filter(({ name }) => wanted.has(name)), local: wanted.has(LOCAL) };
}

/**
 * Names the state of everything that an export is made from. Local lists belong to all of them, for they overrule
 * feeds; a change of a feed that is not among its sources changes no export.
 */
export function fingerprint(definition: ExportDefinition, reader: ExportReader): string {
  return digest(JSON.stringify([sourcesOf(definition, reader).feeds, localPrint(reader.local)]));
}

/**
 * A number over the local lists that takes a few milliseconds for a hundred thousand entries, because edges wait for
 * it. Nobody but the operator writes these lists, so it need not withstand anybody.
 */
function localPrint(local: ExportReader['local']): string {
  let [low, high] = [0x811c9dc5, local.length];
  for (const { kind, value, action, addedAt, expiresAt } of local) {
    for (const text of [kind, value, action, addedAt, expiresAt ?? '']) {
      for (let at = 0; at < text.length; at++) {
        low = Math.imul(low ^ text.charCodeAt(at), 0x01000193);
        high = Math.imul(high + low, 0x85ebca6b) ^ (high >>> 13);
      }
    }
  }
  return `${local.length}-${low >>> 0}-${high >>> 0}`;
}

/** When anything that the export is made from was changed last. */
export function changedAtMs(definition: ExportDefinition, reader: ExportReader): number {
  const times = [
    ...sourcesOf(definition, reader).feeds.map(({ importedAt }) => importedAt),
    ...reader.local.map(({ addedAt }) => addedAt),
  ].map((time) => Date.parse(time));
  return times.reduce((latest, time) => (time > latest ? time : latest), 0);
}

/** The entries of a variant, one pass after the other. */
export interface VariantEntries {
  /** All that pass the filter, each value once, without what the operator allows. */
  each(): Iterable<ExportEntry>;
  readonly allowed: number;
  /** Seconds since 1970: when the first of them ends. */
  readonly endsAtS: number | undefined;
}

export function variantEntries(
  { definition, group }: ExportVariant,
  reader: IndicatorReader,
  clock: Clock,
): VariantEntries {
  const nowS = Math.floor(clock.now() / 1000);
  const filter = entryFilter(definition.filter, group, nowS);
  const nowMs = clock.now();
  const local = reader.local.filter(
    ({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > nowMs,
  );
  const isAllowed = locallyAllowed(local, createVerdictEngine({ reader }));
  // When a permission ends, what it kept out comes back.
  const localEndsAtS = local.reduce<number | undefined>((first, { expiresAt }) => {
    const endsAtS = expiresAt === undefined ? undefined : Math.ceil(Date.parse(expiresAt) / 1000);
    return endsAtS === undefined || (first !== undefined && first < endsAtS) ? first : endsAtS;
  }, undefined);
  const sources = sourcesOf(definition, reader);
  const names = [...(sources.local ? [LOCAL] : []), ...sources.feeds.map(({ name }) => name)];
  const state = { allowed: 0, endsAtS: localEndsAtS };
  return {
    get allowed() {
      return state.allowed;
    },
    get endsAtS() {
      return state.endsAtS;
    },
    *each() {
      state.allowed = 0;
      state.endsAtS = localEndsAtS;
      // A feed has no value twice; several may have the same.
      const seen = names.length > 1 ? new SeenTexts() : undefined;
      for (const name of names) {
        if (name === LOCAL && reader.local.length === 0) continue;
        for (const entry of reader.entries(name)) {
          if (!filter.takes(entry)) continue;
          if (isAllowed(entry)) {
            state.allowed++;
            continue;
          }
          if (seen?.add(`${entry.kind} ${entry.value}`) === false) continue;
          const endsAtS = filter.endsAtS(entry);
          if (endsAtS !== undefined && endsAtS < (state.endsAtS ?? Infinity)) state.endsAtS = endsAtS;
          yield entry;
        }
      }
    },
  };
}
