import {
  type Columns,
  type Dialect,
  fieldAt,
  type RowDetails,
  type RowReader,
  type RowSink,
} from './table.ts';
import { maltrailValue } from './text-formats.ts';
import { confidenceOf, timeMsOf } from './time.ts';
import { isSeverity, isValueType, tlpOf, typedValues } from './typed-value.ts';
import { listValues } from './value.ts';

export const CSV_FIELDS = [
  'value',
  'kind',
  'category',
  'action',
  'severity',
  'confidence',
  'first-seen',
  'last-seen',
  'expires',
  'tlp',
  'note',
  'reference',
  'md5',
  'sha1',
  'sha256',
  'delimiter',
  'header',
] as const;
export type CsvField = (typeof CSV_FIELDS)[number];

/**
 * Which column says what: its name in the header line, or its number from 1. `md5`, `sha1` and `sha256` are
 * further columns of values, for tables that have a file's hashes side by side. Two fields are no columns:
 * `delimiter` (`comma`, `semicolon`, `tab`, `pipe`) and `header` (`yes`, `no`).
 */
export type CsvMapping = Readonly<Partial<Record<CsvField, string>>>;

type ColumnField = Exclude<CsvField, 'delimiter' | 'header'>;
type Places = Readonly<Partial<Record<ColumnField, number>>>;

/** Names that columns have in lists that exist, where the operator maps nothing. */
const USUAL_NAMES: Readonly<Record<ColumnField, readonly string[]>> = {
  value: [
    'value',
    'entry',
    'indicator',
    'indicatorvalue',
    'ioc',
    'iocvalue',
    'observable',
    'trail',
    'domain',
    'host',
    'hostname',
    'url',
    'address',
    'ip',
    'ipaddress',
    'dstip',
    'cidr',
    'network',
    'hash',
    'email',
  ],
  kind: ['kind', 'type', 'ioctype', 'indicatortype'],
  category: ['category', 'threat', 'threattype', 'family', 'classification'],
  action: ['action'],
  severity: ['severity'],
  confidence: ['confidence', 'confidencelevel'],
  'first-seen': ['firstseen', 'firstseenutc', 'dateadded', 'added', 'date', 'created'],
  'last-seen': ['lastseen', 'lastseenutc', 'lastonline'],
  expires: ['expires', 'expiresat', 'expiry', 'validuntil'],
  tlp: ['tlp'],
  note: ['note', 'comment', 'description', 'tags', 'tag'],
  reference: ['reference', 'ref', 'link', 'report'],
  md5: ['md5', 'md5hash'],
  sha1: ['sha1', 'sha1hash'],
  sha256: ['sha256', 'sha256hash'],
};
const HASH_FIELDS = ['sha256', 'sha1', 'md5'] as const;

/** A table of any kind: columns by the operator's mapping, otherwise by their usual names. */
export function csvDialect(mapping: CsvMapping): Dialect {
  const mapped = Object.entries(mapping).filter(([field]) => field !== 'delimiter' && field !== 'header');
  const isNumbered = mapped.length > 0 && mapped.every(([, name]) => /^\d+$/.test(name));
  const header = mapping.header?.toLowerCase();
  const hasHeader = header === undefined ? !isNumbered : header !== 'no';
  return {
    delimiter: delimiterNamed(mapping.delimiter),
    fixed: hasHeader ? undefined : [],
    open: (columns) => {
      if (columns.names.join() === 'trail,type,family') return maltrailDialect.open(columns);
      const places = placesOf(mapping, columns);
      const hashes = HASH_FIELDS.filter((field) => places[field] !== undefined);
      if (places.value === undefined && hashes.length === 0)
        return hasHeader
          ? 'no column holds values: map one with value=COLUMN'
          : 'without a header line columns are mapped by number: value=1';
      return mappedRows(places, hashes, mapping.kind !== undefined);
    },
  };
}

/** Maltrail's trails.csv: families are `category/name`. */
export const maltrailDialect: Dialect = {
  delimiter: ',',
  open: (columns) => {
    const [trail, family] = [columns.at('trail'), columns.at('family')];
    if (trail < 0 || family < 0) return 'the header is not that of maltrail: trail,type,family';
    return (fields, out) => {
      const value = maltrailValue(fieldAt(fields, trail));
      const text = fieldAt(fields, family);
      const slash = text.indexOf('/');
      const category = slash < 0 ? text : text.slice(0, slash);
      out.values(typeof value === 'string' ? value : [value], {
        category,
        note: slash < 0 ? '' : text.slice(slash + 1),
        // Its own sensor rates what is only suspicious (free top-level domains, say) low.
        severity: category === 'suspicious' ? 'low' : undefined,
      });
    };
  },
};

function placesOf(mapping: CsvMapping, columns: Columns): Places {
  const places: Partial<Record<ColumnField, number>> = {};
  const mapsHash = HASH_FIELDS.some((field) => mapping[field] !== undefined);
  for (const field of CSV_FIELDS) {
    if (field === 'delimiter' || field === 'header') continue;
    const wanted = mapping[field];
    if (wanted === undefined && field === 'value' && mapsHash) continue;
    const at =
      wanted === undefined
        ? columns.at(...USUAL_NAMES[field])
        : /^\d{1,4}$/.test(wanted)
          ? Number(wanted) - 1
          : columns.at(wanted);
    if (at >= 0) places[field] = at;
  }
  // A hash beside a value is about the value, unless the operator says that it is one.
  for (const field of HASH_FIELDS)
    if (places.value !== undefined && mapping[field] === undefined) delete places[field];
  return places;
}

function mappedRows(
  places: Places,
  hashes: readonly ('md5' | 'sha1' | 'sha256')[],
  isKindMapped: boolean,
): RowReader {
  return (fields, out) => {
    const details = detailsOf(fields, places);
    if (typeof details === 'string') {
      out.problem(details);
      return;
    }
    if (places.value !== undefined) {
      const kind = columnOf(fields, places, 'kind');
      const text = columnOf(fields, places, 'value');
      // A column of this name that nobody mapped may speak of something else.
      const isTyped = kind !== '' && (isKindMapped || isValueType(kind));
      const values = isTyped ? typedValues(kind, text) : listValues(text);
      out.values(values ?? 'a type of values that is not supported', details);
    }
    hashRow(fields, places, hashes, details, out);
  };
}

function hashRow(
  fields: readonly string[],
  places: Places,
  hashes: readonly ('md5' | 'sha1' | 'sha256')[],
  details: RowDetails,
  out: RowSink,
): void {
  let count = 0;
  for (const field of hashes) {
    const text = columnOf(fields, places, field);
    if (text === '') continue;
    count++;
    out.values(typedValues(field, text)!, details);
  }
  if (count === 0 && places.value === undefined) out.problem('the row has no hash');
}

function columnOf(fields: readonly string[], places: Places, field: ColumnField): string {
  const place = places[field];
  return place === undefined ? '' : fieldAt(fields, place);
}

/** A text is the reason why something that the row says cannot be read. */
function detailsOf(fields: readonly string[], places: Places): RowDetails | string {
  const column = (field: ColumnField): string => columnOf(fields, places, field);
  const action = column('action').toLowerCase();
  if (action !== '' && action !== 'allow' && action !== 'block')
    return 'the action is neither "allow" nor "block"';
  const severity = column('severity').toLowerCase();
  if (severity !== '' && !isSeverity(severity)) return 'the severity is unknown';
  const confidence = column('confidence');
  const confidenceValue = confidenceOf(confidence);
  if (confidence !== '' && confidenceValue === undefined)
    return 'the confidence is not a number from 0 to 100';
  const tlp = column('tlp');
  const tlpValue = tlpOf(tlp);
  if (tlp !== '' && tlpValue === undefined) return 'the TLP is unknown';
  const times = [column('first-seen'), column('last-seen'), column('expires')];
  const [firstSeenMs, lastSeenMs, expiresAtMs] = times.map(timeMsOf);
  if (times[0] !== '' && firstSeenMs === undefined) return 'the date of "first-seen" cannot be read';
  if (times[1] !== '' && lastSeenMs === undefined) return 'the date of "last-seen" cannot be read';
  if (times[2] !== '' && expiresAtMs === undefined) return 'the date of "expires" cannot be read';
  return {
    action: action === '' ? undefined : action,
    category: column('category'),
    severity: severity === '' ? undefined : severity,
    confidence: confidenceValue,
    tlp: tlpValue,
    firstSeenMs,
    lastSeenMs,
    expiresAtMs,
    note: column('note'),
    reference: column('reference'),
  };
}

function delimiterNamed(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return DELIMITER_NAMES.get(text.toLowerCase()) ?? (text.length === 1 ? text : undefined);
}

const DELIMITER_NAMES: ReadonlyMap<string, string> = new Map([
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
  ['pipe', '|'],
  ['space', ' '],
]);
