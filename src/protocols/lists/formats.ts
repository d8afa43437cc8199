/** Formats of lists, in the order that help texts name them. */
export const LIST_FORMATS = [
  'hosts',
  'plain',
  'dnsmasq',
  'adguard',
  'rpz',
  'ut1',
  'maltrail',
  'v2fly',
  'csv',
  'eth-phishing-detect',
  'misp-warninglist',
  'urlhaus-csv',
  'urlhaus-json',
  'malwarebazaar-csv',
  'threatfox-csv',
  'threatfox-json',
  'feodo-csv',
  'tweetfeed-csv',
  'misp-hashes-csv',
  'hashlookup-csv',
  'hash-comment',
  'md5sums',
  'stix',
  'misp-event',
  'openioc',
  'sallyport',
] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

export function isListFormat(text: string): text is ListFormat {
  return LIST_FORMATS.some((format) => format === text);
}

/** What lists of a format are for, where neither the operator nor the list says it. */
export interface FormatDefaults {
  /** `suppress`: a warning list, whose entries no other feed should block. */
  readonly action: 'allow' | 'block' | 'label' | 'suppress';
  /** `undefined`: the importer's own word for the action. */
  readonly category: string | undefined;
}

/** The defaults of a format. Inventories of files are known good: to block by one, the operator says so. */
export function formatDefaults(format: ListFormat): FormatDefaults {
  return DEFAULTS[format] ?? { action: 'block', category: undefined };
}

const DEFAULTS: Readonly<Partial<Record<ListFormat, FormatDefaults>>> = {
  'eth-phishing-detect': { action: 'block', category: 'phishing' },
  ut1: { action: 'label', category: undefined },
  'misp-warninglist': { action: 'suppress', category: 'warning-list' },
  'urlhaus-csv': { action: 'block', category: 'malware' },
  'urlhaus-json': { action: 'block', category: 'malware' },
  'malwarebazaar-csv': { action: 'block', category: 'malware' },
  'threatfox-csv': { action: 'block', category: 'malware' },
  'threatfox-json': { action: 'block', category: 'malware' },
  'feodo-csv': { action: 'block', category: 'botnet-cc' },
  'hashlookup-csv': { action: 'allow', category: 'known-good' },
  'hash-comment': { action: 'block', category: 'malware' },
  md5sums: { action: 'allow', category: 'known-good' },
};
