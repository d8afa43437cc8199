/** What clamd answers about one stream (clamd(8), INSTREAM). */
export type ClamdAnswer =
  | { readonly kind: 'clean' }
  | { readonly kind: 'found'; readonly name: string }
  /** StreamMaxLength of clamd is smaller than ours. */
  | { readonly kind: 'too-large' }
  | { readonly kind: 'error'; readonly detail: string };

/** Reads an answer with or without the number of a session: `1: stream: Name FOUND`. */
export function readAnswer(line: string): ClamdAnswer {
  const text = line.replace(/^\d+: /, '');
  const found = /^stream: (.{1,500}) FOUND$/.exec(text);
  if (found?.[1] !== undefined) return { kind: 'found', name: printable(found[1]) };
  if (text === 'stream: OK') return { kind: 'clean' };
  if (/size limit exceeded/i.test(text)) return { kind: 'too-large' };
  return { kind: 'error', detail: printable(text.replace(/^stream: /, '')).slice(0, 200) };
}

/** The frame of one chunk: its length in four bytes, the highest first. */
export function chunkHead(bytes: number): Buffer {
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32BE(bytes);
  return head;
}

/** `ClamAV 1.4.3/27500/Mon Nov 3 08:00:00 2026` → `1.4.3/27500`. */
export function readVersion(line: string): string | undefined {
  const [, version, database] = /^(?:\d+: )?ClamAV ([\w.+~-]{1,40})(?:\/(\d{1,10}))?/.exec(line) ?? [];
  if (version === undefined) return undefined;
  return database === undefined ? version : `${version}/${database}`;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
