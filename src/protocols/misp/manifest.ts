import { isUuid } from '../../kernel/index.ts';
import { isRecord, recordsOf, textOf } from './json.ts';

/** What `manifest.json` of a feed says of one event. */
export interface MispManifestEntry {
  readonly uuid: string;
  readonly info: string;
  /** Seconds since 1970 of the last change: an event with the timestamp of last time need not be fetched. */
  readonly timestampS: number;
  readonly organization: string;
  readonly tags: readonly string[];
}

/** Reads the manifest of a MISP feed; the event of `uuid` is in `uuid.json` beside it. A text is why it is none. */
export function readMispManifest(document: unknown): readonly MispManifestEntry[] | string {
  if (!isRecord(document)) return 'the manifest is no JSON object';
  const entries: MispManifestEntry[] = [];
  for (const [uuid, about] of Object.entries(document)) {
    // The name becomes part of an address: nothing but a UUID may.
    if (!isUuid(uuid) || !isRecord(about)) return 'a key of the manifest is no UUID of an event';
    const timestamp = Number(about['timestamp']);
    const orgc = about['Orgc'];
    entries.push({
      uuid: uuid.toLowerCase(),
      info: textOf(about['info']) ?? '',
      timestampS: Number.isSafeInteger(timestamp) && timestamp > 0 ? timestamp : 0,
      organization: isRecord(orgc) ? (textOf(orgc['name']) ?? '') : '',
      tags: recordsOf(about['Tag']).flatMap((tag) => textOf(tag['name']) ?? []),
    });
  }
  return entries;
}
