import type { ExportEntryKind } from '../../protocols/exports/index.ts';

/** One rendered variant, as its `.json` in the cache says it. The files beside it never change. */
export interface Artifact {
  /** `variantKey` and the state of the feeds that it was made from. */
  readonly key: string;
  readonly variant: string;
  readonly name: string;
  readonly format: string;
  readonly group: string | undefined;
  readonly generation: number;
  readonly type: string;
  /** Of the content, so that a rendering with the same content stays the same to clients. */
  readonly etag: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly entries: number;
  readonly skipped: Readonly<Partial<Record<ExportEntryKind, number>>>;
  /** Entries beyond the limit of the export. */
  readonly beyond: number;
  /** Left out because the operator allows them. */
  readonly allowed: number;
  readonly builtAtMs: number;
  readonly tookMs: number;
  readonly changedAtMs: number;
  /** From then on an entry in it has expired. */
  readonly validUntilMs: number | undefined;
  readonly file: string;
  readonly gzip: string | undefined;
  /** Bytes before the first entry: a head that belongs to every page. */
  readonly headBytes: number;
  /** Lines after the head; only of formats with pages. An entry may be more than one. */
  readonly lines: number;
  /** Where the line number `MARK_EVERY × n` after the head begins. */
  readonly marks: readonly number[];
  readonly parts: readonly ArtifactPart[];
  /** Index of a TAXII collection: file and how many records. */
  readonly index: { readonly file: string; readonly records: number } | undefined;
}

export interface ArtifactPart {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly entries: number;
}

export const MARK_EVERY = 1024;

export function isArtifact(data: unknown): data is Artifact {
  return (
    typeof data === 'object' &&
    data !== null &&
    'key' in data &&
    typeof data.key === 'string' &&
    'file' in data &&
    typeof data.file === 'string' &&
    'etag' in data &&
    typeof data.etag === 'string' &&
    'parts' in data &&
    Array.isArray(data.parts)
  );
}

export function skippedText(skipped: Artifact['skipped']): string {
  return Object.entries(skipped)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
