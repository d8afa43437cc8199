/** Formats of lists, in the order that help texts name them. */
export const LIST_FORMATS = [
  'hosts',
  'plain',
  'dnsmasq',
  'adguard',
  'maltrail',
  'csv',
  'eth-phishing-detect',
  'misp-warninglist',
  'v2fly',
] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

export function isListFormat(text: string): text is ListFormat {
  return LIST_FORMATS.some((format) => format === text);
}

/** How much of a list is enough to tell its format. */
export const DETECT_BYTES = 64 * 1024;
const DETECT_LINES = 200;

/** The format of a list, from its beginning and its file name; `plain` when nothing speaks for another. */
export function detectFormat(fileName: string, start: string): ListFormat {
  const text = start.replace(/^\ufeff/, '').slice(0, DETECT_BYTES);
  if (/^\s*\{/.test(text)) return jsonFormat(text);
  const lines = text.split('\n', DETECT_LINES).map((line) => line.trim());
  const rows = lines.filter((line) => line !== '' && !/^(?:#(?!#)|!)/.test(line));
  const counts = new Map<ListFormat, number>();
  for (const row of rows) {
    const format = lineFormat(row);
    if (format !== undefined) counts.set(format, (counts.get(format) ?? 0) + 1);
  }
  const [best] = [...counts].toSorted((x, y) => y[1] - x[1]);
  if (best !== undefined && best[1] * 2 >= rows.length) return best[0];
  const header = rows[0] ?? '';
  if (/^trail,type,family$/i.test(header)) return 'maltrail';
  if (/[,;\t]/.test(header) && !/[\s,]\d+\.\d+/.test(header)) return 'csv';
  if (/maltrail developers/i.test(text)) return 'maltrail';
  if (best !== undefined && (best[0] === 'adguard' || best[0] === 'v2fly')) return best[0];
  const name = fileName.toLowerCase().replace(/\.gz$/, '');
  return NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? 'plain';
}

const NAMES: readonly (readonly [RegExp, ListFormat])[] = [
  [/maltrail/, 'maltrail'],
  [/\.csv$/, 'csv'],
  [/(?:^|[._-])hosts(?:\.txt)?$/, 'hosts'],
  [/dnsmasq/, 'dnsmasq'],
  [/adguard|adblock/, 'adguard'],
  [/v2fly/, 'v2fly'],
];

function jsonFormat(start: string): ListFormat {
  return /"(?:blacklist|fuzzylist|whitelist)"\s*:/.test(start) ? 'eth-phishing-detect' : 'misp-warninglist';
}

function lineFormat(line: string): ListFormat | undefined {
  if (/^(?:@@)?\|\||##|#@#/.test(line)) return 'adguard';
  if (/^(?:--)?(?:address|server|local)=\//.test(line)) return 'dnsmasq';
  if (/^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]*::[0-9a-f.:%a-z]*)[ \t]+[^\s#;-]/i.test(line))
    return 'hosts';
  return /^(?:include|full|regexp|keyword|domain):/.test(line) ? 'v2fly' : undefined;
}
