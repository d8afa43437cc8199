import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  type CanonicalUrl,
  canonicalUrl,
  type HostParts,
  hostParts,
} from '../../../src/protocols/url/index.ts';

/** A URL that somebody has judged. */
export interface LabelledUrl {
  readonly url: CanonicalUrl;
  readonly parts: HostParts;
  readonly isBad: boolean;
  readonly source: string;
  /** `2025-01-31`, or empty. */
  readonly date: string;
}

/** The text of a packed table, as rows by column name. */
export function table(folder: string, path: string): Record<string, string>[] {
  const text = gunzipSync(readFileSync(join(folder, path))).toString('utf8');
  const [head, ...rows] = cells(text);
  return rows.map((row) => Object.fromEntries(head!.map((name, at) => [name, row[at] ?? ''])));
}

export function labelledUrls(folder: string): LabelledUrl[] {
  const found: LabelledUrl[] = [];
  for (const { url: text, label, source, date } of table(folder, '02-url/urls.csv.gz')) {
    const url = canonicalUrl(text!);
    if (url === undefined) continue;
    found.push({ url, parts: hostParts(url.host), isBad: label === '1', source: source!, date: date! });
  }
  return found;
}

/** RFC 4180: quotes around a cell, doubled inside. */
function cells(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell: string;
    if (text[at] === '"') {
      let end = at + 1;
      while (end < text.length && !(text[end] === '"' && text[end + 1] !== '"'))
        end += text[end] === '"' ? 2 : 1;
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      let end = at;
      while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++;
      cell = text.slice(at, end);
      at = end;
    }
    row.push(cell);
    if (text[at] === ',') {
      at++;
      continue;
    }
    while (text[at] === '\r' || text[at] === '\n') at++;
    rows.push(row);
    row = [];
  }
  return rows;
}
