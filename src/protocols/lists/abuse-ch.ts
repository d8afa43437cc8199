import { type EntryDefaults, type ListParser, type ListSink, noteOf, problemText } from './entry.ts';
import { JsonRecords } from './json-records.ts';
import { type Columns, type Dialect, fieldAt, type RowDetails, Table } from './table.ts';
import { confidenceOf, timeMsOf } from './time.ts';
import { typedValues } from './typed-value.ts';

/** What the feeds call a threat, in the categories that this gateway's lists use. docs/operations/list-formats.md. */
const CATEGORIES: ReadonlyMap<string, string> = new Map([
  ['malware_download', 'malware'],
  ['payload', 'malware'],
  ['payload_delivery', 'malware'],
  ['botnet_cc', 'botnet-cc'],
  ['cc_skimming', 'skimming'],
  ['phishing', 'phishing'],
]);

/** Tags of TweetFeed that say what kind of threat it is; the others name families and actors. */
const TAG_CATEGORIES: ReadonlyMap<string, string> = new Map([
  ['phishing', 'phishing'],
  ['scam', 'scam'],
  ['c2', 'botnet-cc'],
  ['malware', 'malware'],
  ['ransomware', 'malware'],
  ['stealer', 'malware'],
  ['rat', 'malware'],
  ['clickfix', 'malware'],
  ['opendir', 'malware'],
]);

/** URLhaus, the CSV exports `recent`, `online` and the full dump. */
export const urlhausDialect: Dialect = {
  delimiter: ',',
  open: (columns) => {
    if (!columns.has('url', 'threat', 'dateadded')) return misfit('URLhaus: id,dateadded,url,…');
    const [url, threat, status, tags] = placesOf(columns, 'url', 'threat', 'url_status', 'tags');
    const [added, online, link] = placesOf(columns, 'dateadded', 'last_online', 'urlhaus_link');
    return (fields, out) =>
      out.values(typedValues('url', fieldAt(fields, url!))!, {
        category: CATEGORIES.get(fieldAt(fields, threat!)),
        note: noteOf(fieldAt(fields, tags!), fieldAt(fields, status!)),
        ...seen(fields, added!, online!),
        reference: fieldAt(fields, link!),
      });
  },
};

/** MalwareBazaar: an entry for each hash of a sample. */
export const malwareBazaarDialect: Dialect = {
  delimiter: ',',
  open: (columns) => {
    if (!columns.has('sha256_hash', 'md5_hash', 'sha1_hash'))
      return misfit('MalwareBazaar: first_seen_utc,sha256_hash,…');
    const [sha256, sha1, md5] = placesOf(columns, 'sha256_hash', 'sha1_hash', 'md5_hash');
    const [first, family, name, type] = placesOf(
      columns,
      'first_seen_utc',
      'signature',
      'file_name',
      'file_type_guess',
    );
    const hashes = [['sha256', sha256!] as const, ['sha1', sha1!] as const, ['md5', md5!] as const];
    return (fields, out) => {
      const sample = fieldAt(fields, sha256!);
      const details: RowDetails = {
        note: noteOf(fieldAt(fields, family!), fieldAt(fields, name!), fieldAt(fields, type!)),
        ...seen(fields, first!, -1),
        reference: sample === '' ? '' : `https://bazaar.abuse.ch/sample/${sample}/`,
      };
      const known = hashes.filter(([, at]) => fieldAt(fields, at) !== '');
      if (known.length === 0) out.problem('the row has no hash');
      for (const [hash, at] of known) out.values(typedValues(hash, fieldAt(fields, at))!, details);
    };
  },
};

/** ThreatFox, as CSV, and as JSON with the same names. */
export const threatFoxDialect: Dialect = {
  delimiter: ',',
  open: (columns) => {
    if (!columns.has('ioc_value', 'ioc_type', 'threat_type'))
      return misfit('ThreatFox: first_seen_utc,ioc_id,ioc_value,…');
    const [value, type, threat, id] = placesOf(columns, 'ioc_value', 'ioc_type', 'threat_type', 'ioc_id');
    const [family, alias, tags] = placesOf(columns, 'malware_printable', 'malware_alias', 'tags');
    const [first, last, confidence] = placesOf(
      columns,
      'first_seen_utc',
      'last_seen_utc',
      'confidence_level',
    );
    const [compromised, reference] = placesOf(columns, 'is_compromised', 'reference');
    return (fields, out) => {
      const ioc = fieldAt(fields, id!);
      const isCompromised = fieldAt(fields, compromised!).toLowerCase() === 'true';
      out.values(
        typedValues(fieldAt(fields, type!), fieldAt(fields, value!)) ??
          'a type of values that is not supported',
        {
          category: CATEGORIES.get(fieldAt(fields, threat!)),
          note: noteOf(
            fieldAt(fields, family!),
            fieldAt(fields, alias!),
            isCompromised ? 'compromised site' : '',
            fieldAt(fields, tags!),
          ),
          confidence: confidenceOf(fieldAt(fields, confidence!)),
          ...seen(fields, first!, last!),
          reference:
            fieldAt(fields, reference!) ||
            (/^\d{1,19}$/.test(ioc) ? `https://threatfox.abuse.ch/ioc/${ioc}/` : ''),
        },
      );
    };
  },
};

/** Feodo Tracker: addresses of botnets' servers. */
export const feodoDialect: Dialect = {
  delimiter: ',',
  open: (columns) => {
    if (!columns.has('dst_ip', 'malware')) return misfit('Feodo Tracker: first_seen_utc,dst_ip,…');
    const [address, port, status, family] = placesOf(columns, 'dst_ip', 'dst_port', 'c2_status', 'malware');
    const [first, last] = placesOf(columns, 'first_seen_utc', 'last_online');
    return (fields, out) => {
      const number = fieldAt(fields, port!);
      out.values(typedValues('ip', fieldAt(fields, address!))!, {
        category: 'botnet-cc',
        note: noteOf(
          fieldAt(fields, family!),
          number === '' ? '' : `port ${number}`,
          fieldAt(fields, status!),
        ),
        ...seen(fields, first!, last!),
      });
    };
  },
};

/** TweetFeed's files of a day, week, month or year. They have no header. */
export const tweetFeedDialect: Dialect = {
  delimiter: ',',
  fixed: ['date', 'user', 'type', 'value', 'tags', 'tweet'],
  open: () => (fields, out) => {
    if (fields.length < 6 || timeMsOf(fieldAt(fields, 0)) === undefined) {
      out.problem('not a row of TweetFeed: date,user,type,value,tags,tweet');
      return;
    }
    const tags = fieldAt(fields, 4);
    const words = tags.toLowerCase().split(/[ #]+/, 32);
    out.values(
      typedValues(fieldAt(fields, 2), fieldAt(fields, 3)) ?? 'a type of values that is not supported',
      {
        category: words.map((word) => TAG_CATEGORIES.get(word)).find((category) => category !== undefined),
        note: noteOf(tags, `@${fieldAt(fields, 1)}`),
        ...seen(fields, 0, -1),
        reference: fieldAt(fields, 5),
      },
    );
  },
};

const THREATFOX_NAMES = [
  'ioc_id',
  'ioc_value',
  'ioc_type',
  'threat_type',
  'malware_printable',
  'malware_alias',
  'tags',
  'first_seen_utc',
  'last_seen_utc',
  'confidence_level',
  'is_compromised',
  'reference',
];

/** ThreatFox's JSON export: `{"1952028": [{"ioc_value": …}]}`, one number of an indicator after the other. */
export function openThreatFoxJson(
  defaults: EntryDefaults,
  sink: ListSink,
  recordBytesMax: number,
): ListParser {
  const table = new Table({ ...threatFoxDialect, fixed: THREATFOX_NAMES }, defaults, sink);
  return openJsonTable({ table, sink, recordBytesMax, what: 'indicator of ThreatFox' }, (row, id) =>
    'ioc_value' in row
      ? THREATFOX_NAMES.map((name) => (name === 'ioc_id' ? id : textOf(row[name])))
      : undefined,
  );
}

const URLHAUS_NAMES = ['url', 'threat', 'dateadded', 'url_status', 'last_online', 'tags', 'urlhaus_link'];

/**
 * URLhaus's JSON exports, recent, online and the full dump, `{"3786237": [{"url": …}]}`, and the answers of its API,
 * `{"urls": [{…}]}`, which call two members otherwise.
 */
export function openUrlhausJson(defaults: EntryDefaults, sink: ListSink, recordBytesMax: number): ListParser {
  const table = new Table({ ...urlhausDialect, fixed: URLHAUS_NAMES }, defaults, sink);
  return openJsonTable({ table, sink, recordBytesMax, what: 'URL of URLhaus' }, (row) => {
    if (typeof row['url'] !== 'string') return undefined;
    const named = {
      ...row,
      dateadded: row['dateadded'] ?? row['date_added'],
      urlhaus_link: row['urlhaus_link'] ?? row['urlhaus_reference'],
    };
    return URLHAUS_NAMES.map((name) => textOf(named[name as keyof typeof named]));
  });
}

interface JsonTable {
  readonly table: Table;
  readonly sink: ListSink;
  readonly recordBytesMax: number;
  /** What a record should be, for problems. */
  readonly what: string;
}

/** Objects of a document as rows of a table; `undefined`: the object is none. */
function openJsonTable(
  { table, sink, recordBytesMax, what }: JsonTable,
  fieldsIn: (row: Readonly<Record<string, unknown>>, key: string) => readonly string[] | undefined,
): ListParser {
  const problem = (reason: string, key: string, line: number): void =>
    sink.problem({ line, reason, text: problemText(key) });
  return new JsonRecords(
    {
      record(row, key, position) {
        const fields = fieldsIn(row, key);
        if (fields === undefined) problem(`no ${what}`, key, position);
        else table.record(fields, position);
      },
      problem: (reason, key, position) =>
        problem(reason === 'not an object' ? `no ${what}` : reason, key, position),
      broken: (reason) => sink.problem({ line: 0, reason, text: '', isBroken: true }),
    },
    recordBytesMax,
  );
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').join(',') : '';
}

function placesOf(columns: Columns, ...names: readonly string[]): readonly number[] {
  return names.map((name) => columns.at(name));
}

/** A date that cannot be read is left out: the indicator is worth more than its date. */
function seen(fields: readonly string[], first: number, last: number): RowDetails {
  return { firstSeenMs: timeMsOf(fieldAt(fields, first)), lastSeenMs: timeMsOf(fieldAt(fields, last)) };
}

function misfit(expected: string): string {
  return `the header is not that of ${expected}`;
}
