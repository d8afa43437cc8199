import { crc32 } from 'node:zlib';
import type { Severity, Tlp } from '../../kernel/index.ts';
import type { FeedAction } from './import-types.ts';
import type { IndicatorKind } from './keys.ts';

/** What is imported, in one file that is swapped whole. */
export interface Manifest {
  readonly version: typeof MANIFEST_VERSION;
  /** Grows with every change; names what a decision was made from. */
  readonly generation: number;
  readonly feeds: readonly FeedInfo[];
  /** File of the local lists; `undefined` while they are empty. */
  readonly local: string | undefined;
}

/** One import of a feed: the whole list, or what a later one added, changed and took out. */
export interface LayerInfo {
  readonly segment: string;
  readonly values: string;
  /** Records, those that take out included. */
  readonly records: number;
  /** Of the look-up file. */
  readonly bytes: number;
}

export interface FeedInfo {
  readonly name: string;
  /**
   * `label`: it says what things are and decides nothing. `suppress`: a warning list; it matches nothing, and
   * imports drop what it covers.
   */
  readonly action: FeedAction;
  readonly category: string;
  readonly severity: Severity;
  readonly confidence: number;
  readonly tlp: Tlp;
  /** SPDX identifier or free text; empty when unknown. */
  readonly licence: string;
  /** Smaller comes first among matches that are otherwise equal. */
  readonly priority: number;
  readonly format: string;
  /** Where it came from: a file name without folders, or a URL without secrets. */
  readonly source: string;
  readonly entries: number;
  readonly kinds: Readonly<Record<IndicatorKind, number>>;
  readonly duplicates: number;
  readonly rejected: number;
  /** Entries that warning lists kept out of the last import; so are duplicates and rejected lines. */
  readonly suppressed: number;
  /** ISO 8601, UTC. */
  readonly importedAt: string;
  /** ISO 8601, UTC: when the source says that it changed. */
  readonly upstreamAt?: string | undefined;
  /** The newest first. */
  readonly layers: readonly LayerInfo[];
  /** Of all files that look-ups read. */
  readonly bytes: number;
}

export const MANIFEST_VERSION = 2;
export const MANIFEST_FILE = 'manifest.json';
export const LOCAL_FEED = 'local';
export const EMPTY_MANIFEST: Manifest = {
  version: MANIFEST_VERSION,
  generation: 0,
  feeds: [],
  local: undefined,
};

export function encodeManifest(manifest: Manifest): string {
  const body = JSON.stringify(manifest);
  return `${JSON.stringify({ crc: crc32(body), manifest })}\n`;
}

/** The manifest, what is wrong with the text, or the number of another version. */
export function decodeManifest(text: string): Manifest | string | number {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (typeof parsed !== 'object' || parsed === null || !('manifest' in parsed) || !('crc' in parsed)) {
    return 'it is not a manifest';
  }
  // Our own writer made it: a manifest that was edited by hand does not pass the checksum.
  const manifest = parsed.manifest as Manifest;
  if (crc32(JSON.stringify(manifest)) !== parsed.crc) return 'its checksum is wrong';
  if (manifest.version !== MANIFEST_VERSION) return Number(manifest.version);
  return { ...manifest, local: manifest.local };
}

export function isFeedName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && name !== LOCAL_FEED;
}

/** The names of all files that a manifest needs. */
export function filesOf({ feeds, local }: Manifest): readonly string[] {
  const layers = feeds.flatMap((feed) => feed.layers.flatMap(({ segment, values }) => [segment, values]));
  return local === undefined ? layers : [...layers, local];
}
