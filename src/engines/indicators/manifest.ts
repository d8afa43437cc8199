import { crc32 } from 'node:zlib';
import type { Severity } from '../../kernel/index.ts';
import type { IndicatorKind } from './keys.ts';

/** What is imported, in one file that is swapped whole. */
export interface Manifest {
  readonly version: 1;
  /** Grows with every change; names what a decision was made from. */
  readonly generation: number;
  readonly feeds: readonly FeedInfo[];
  /** File of the local lists; `undefined` while they are empty. */
  readonly local: string | undefined;
}

export interface FeedInfo {
  readonly name: string;
  readonly action: 'allow' | 'block';
  readonly category: string;
  readonly severity: Severity;
  /** SPDX identifier or free text; empty when unknown. */
  readonly licence: string;
  /** Smaller comes first among matches that are otherwise equal. */
  readonly priority: number;
  readonly format: string;
  /** Name of the imported file, without folders. */
  readonly source: string;
  readonly entries: number;
  readonly kinds: Readonly<Record<IndicatorKind, number>>;
  readonly duplicates: number;
  readonly rejected: number;
  /** ISO 8601, UTC. */
  readonly importedAt: string;
  readonly segment: string;
  readonly values: string;
  readonly bytes: number;
}

export const MANIFEST_FILE = 'manifest.json';
export const LOCAL_FEED = 'local';
export const EMPTY_MANIFEST: Manifest = { version: 1, generation: 0, feeds: [], local: undefined };

export function encodeManifest(manifest: Manifest): string {
  const body = JSON.stringify(manifest);
  return `${JSON.stringify({ crc: crc32(body), manifest })}\n`;
}

/** The manifest, or what is wrong with the text. */
export function decodeManifest(text: string): Manifest | string {
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
  if (manifest.version !== 1) return `it has version ${String(manifest.version)}, this gateway reads 1`;
  return { ...manifest, local: manifest.local };
}

export function isFeedName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && name !== LOCAL_FEED;
}
