import { fieldsOf } from './csv-splitter.ts';
import type { ListFormat } from './formats.ts';
import { Columns } from './table.ts';
import { isUt1Name } from './ut1.ts';

/** How much of a list is enough to tell its format. */
export const DETECT_BYTES = 64 * 1024;
const DETECT_LINES = 200;
/** Longer ones are data, not headers, and their beginning tells as much. */
const LINE_LENGTH = 2000;

/**
 * The format of a list, from its beginning and its file name, better with its folders; `plain` when nothing
 * speaks for another.
 */
export function detectFormat(fileName: string, start: string): ListFormat {
  const text = start
    .slice(0, DETECT_BYTES)
    .replace(/^\ufeff/, '')
    .trimStart();
  const name = (fileName.split(/[/\\]/).at(-1) ?? '').toLowerCase().replace(/\.gz$/, '');
  if (/^[{[]\s*["{\]}]/.test(text)) return jsonFormat(text);
  if (/^<(?:\?xml|[a-z][\w.]*:?ioc)/i.test(text)) return 'openioc';
  if (isUt1Name(name)) return 'ut1';
  const lines = text.split('\n', DETECT_LINES).map((line) => line.slice(0, LINE_LENGTH).trim());
  const rows = lines.filter((line) => line !== '' && !COMMENT.test(line));
  return tableFormat(lines, rows) ?? lineFormatOf(rows) ?? headerFormat(rows, text) ?? nameFormat(name);
}

/** `##` may start a rule of AdGuard; a row of them, or a space behind, does not. */
const COMMENT = /^#(?!#)|^#{4}|^#+\s|^!/;

/** Tables that are known by their columns; the header may stand in a comment. */
function tableFormat(lines: readonly string[], rows: readonly string[]): ListFormat | undefined {
  const candidates = [...lines.filter((line) => line.startsWith('#')).slice(0, HEADER_LINES), rows[0] ?? ''];
  for (const line of candidates) {
    if (!line.includes(',') && !line.includes(';') && !line.includes('\t')) continue;
    const delimiter = line.includes('\t') ? '\t' : line.includes(',') ? ',' : ';';
    const columns = new Columns(fieldsOf(line.replace(/^#\s*/, ''), delimiter));
    const found = TABLES.find(([names]) => columns.has(...names));
    if (found !== undefined) return found[1];
    const hashes = ['sha256', 'sha1', 'md5'].filter((name) => columns.has(name));
    if (columns.at('filename', 'path', 'productcode', 'package') >= 0 && hashes.length > 0)
      return 'hashlookup-csv';
  }
  return undefined;
}

const HEADER_LINES = 40;
const TABLES: readonly (readonly [readonly string[], ListFormat])[] = [
  [['ioc_value', 'ioc_type', 'threat_type'], 'threatfox-csv'],
  [['sha256_hash', 'md5_hash', 'sha1_hash'], 'malwarebazaar-csv'],
  [['dateadded', 'url', 'threat'], 'urlhaus-csv'],
  [['dst_ip', 'malware'], 'feodo-csv'],
  [['trail', 'type', 'family'], 'maltrail'],
];

/** What at least half of the lines look like. */
function lineFormatOf(rows: readonly string[]): ListFormat | undefined {
  const counts = new Map<ListFormat, number>();
  for (const row of rows) {
    const format = lineFormat(row);
    if (format !== undefined) counts.set(format, (counts.get(format) ?? 0) + 1);
  }
  const [best] = [...counts].toSorted((x, y) => y[1] - x[1]);
  if (best === undefined) return undefined;
  // Rules stand between plain names, which are rules, too; and a zone has a head.
  const isRule = best[0] === 'adguard' || best[0] === 'v2fly' || best[0] === 'rpz';
  return isRule || best[1] * 2 >= rows.length ? best[0] : undefined;
}

function lineFormat(line: string): ListFormat | undefined {
  if (/^(?:@@)?\|\||##|#@#/.test(line)) return 'adguard';
  if (/^(?:--)?(?:address|server|local)=\//.test(line)) return 'dnsmasq';
  if (/^\$(?:ttl|origin)\s|(?:^|\s)(?:in\s+)?(?:soa|cname)\s+\S*\.(?:$|[\s;])/i.test(line)) return 'rpz';
  if (/^\\?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}) [ *]\S/i.test(line)) return 'md5sums';
  if (/^(?:MD5|SHA1|SHA256) \(.+\) = [0-9a-f]{32}/.test(line)) return 'md5sums';
  if (/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64});/i.test(line)) return 'hash-comment';
  if (/^[0-9a-f]{32},[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(line)) return 'misp-hashes-csv';
  if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,[^,]*,(?:domain|url|ip|md5|sha1|sha256),/.test(line))
    return 'tweetfeed-csv';
  if (/^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]*::[0-9a-f.:%a-z]*)[ \t]+[^\s#;-]/i.test(line))
    return 'hosts';
  return /^(?:include|full|regexp|keyword|domain):|^[a-z0-9.-]+ @[\w!-]+/.test(line) ? 'v2fly' : undefined;
}

function headerFormat(rows: readonly string[], text: string): ListFormat | undefined {
  const header = rows[0] ?? '';
  if (/[,;\t]/.test(header) && !/[\s,]\d+\.\d+/.test(header)) return 'csv';
  return /maltrail developers/i.test(text) ? 'maltrail' : undefined;
}

function nameFormat(name: string): ListFormat {
  return NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? 'plain';
}

const NAMES: readonly (readonly [RegExp, ListFormat])[] = [
  [/maltrail/, 'maltrail'],
  [/^hashes\.csv$/, 'misp-hashes-csv'],
  [/\.csv$/, 'csv'],
  [/(?:^|[._-])hosts(?:\.txt)?$/, 'hosts'],
  [/dnsmasq/, 'dnsmasq'],
  [/adguard|adblock/, 'adguard'],
  [/v2fly|^category-/, 'v2fly'],
  [/(?:^|[._-])rpz(?:$|[._-])/, 'rpz'],
  [/md5sums$|sha(?:1|256)sums?(?:\.txt)?$/, 'md5sums'],
  [/\.ioc$/, 'openioc'],
  [/\.(?:ndjson|jsonl)$/, 'sallyport'],
];

function jsonFormat(text: string): ListFormat {
  const found = JSON_MARKS.find(([pattern]) => pattern.test(text));
  return found?.[1] ?? 'misp-warninglist';
}

/** In this order: an event of MISP may have an indicator of STIX in it, and not the other way round. */
const JSON_MARKS: readonly (readonly [RegExp, ListFormat])[] = [
  [/^\{"(?:kind|value|action|category|remove)":[^\n]*\}\s*(?:\n|$)/, 'sallyport'],
  [/^\{\s*"\d+"\s*:\s*\[?\s*\{[^}]*"(?:urlhaus_link|url_status)"\s*:/, 'urlhaus-json'],
  [/^\{[^[]{0,200}"urls"\s*:\s*\[\s*\{[^}]*"urlhaus_reference"\s*:/, 'urlhaus-json'],
  [/^\{\s*"\d+"\s*:\s*\[?\s*\{/, 'threatfox-json'],
  [/"(?:blacklist|fuzzylist|whitelist)"\s*:/, 'eth-phishing-detect'],
  [/^\{\s*"(?:description|list|matching_attributes|name|version)"[^]*"list"\s*:/, 'misp-warninglist'],
  [/^[[{][^]{0,200}?"(?:Event|Attribute|response)"\s*:/, 'misp-event'],
  [/"type"\s*:\s*"(?:bundle|indicator)"|"objects"\s*:\s*\[|"spec_version"/, 'stix'],
  [/"(?:Orgc|Attribute|Object|event_id)"\s*:/, 'misp-event'],
];
