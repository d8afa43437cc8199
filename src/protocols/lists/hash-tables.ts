import type { ListValue } from './entry.ts';
import { type Dialect, fieldAt } from './table.ts';
import type { LineSink } from './text-formats.ts';
import { typedValues } from './typed-value.ts';
import { hashValue, listValues } from './value.ts';
import { type CsvMapping, csvDialect } from './csv.ts';

/** Columns of the NSRL, of hashlookup and of inventories that name a file, in the order of the note. */
const FILE_COLUMNS = [
  'filename',
  'path',
  'name',
  'package',
  'packagename',
  'productname',
  'productcode',
  'source',
];
const HASHES = ['sha256', 'sha1', 'md5'] as const;

/**
 * A table of files with their hashes side by side, as the NSRL's NSRLFile.txt and hashlookup's exports: an
 * entry for each hash, so that any of them is found. A mapping names the columns where they are called otherwise.
 */
export function hashlookupDialect(mapping: CsvMapping): Dialect {
  if (Object.keys(mapping).length > 0) return csvDialect(mapping);
  return {
    open: (columns) => {
      const places = HASHES.map((name) => [name, columns.at(name, `${name}hash`)] as const).filter(
        ([, at]) => at >= 0,
      );
      if (places.length === 0) return 'the header names no column SHA-256, SHA-1 or MD5';
      const notes = FILE_COLUMNS.map((name) => columns.at(name)).filter((at) => at >= 0);
      return (fields, out) => {
        const note = notes
          .map((at) => fieldAt(fields, at))
          .filter(Boolean)
          .join(', ');
        let count = 0;
        for (const [name, at] of places) {
          const text = fieldAt(fields, at);
          if (text === '') continue;
          count++;
          out.values(typedValues(name, text)!, { note });
        }
        if (count === 0) out.problem('the row has no hash');
      };
    },
  };
}

/**
 * hashes.csv of a MISP feed. Its first column is the MD5 of an attribute's *value*, made to compare feeds, and
 * matches no file: such lines are problems. Values in the clear are understood.
 */
export const mispHashesDialect: Dialect = {
  delimiter: ',',
  fixed: ['value', 'event'],
  open: () => (fields, out) => {
    const event = fieldAt(fields, 1);
    if (fields.length !== 2 || !UUID.test(event)) {
      out.problem('not a row of hashes.csv: hash,uuid');
      return;
    }
    const values = listValues(fieldAt(fields, 0));
    const isDigest =
      typeof values !== 'string' && values[0]?.kind === 'hash' && values[0].value.length === 32;
    out.values(isDigest ? 'the MD5 of an attribute, not of a file: import the events of the feed' : values, {
      reference: event,
    });
  },
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `hash;comment`, the form of signature-base's hash-iocs.txt. */
export function hashCommentLine(line: string, sink: LineSink): void {
  if (line.startsWith('#')) return;
  const semicolon = line.indexOf(';');
  const text = semicolon < 0 ? line : line.slice(0, semicolon);
  reportHash(text.trim(), semicolon < 0 ? '' : line.slice(semicolon + 1).trim(), sink);
}

/**
 * The output of md5sum, sha1sum and sha256sum, which is also that of dpkg's .md5sums: `hash  path`, `hash *path`;
 * and `SHA256 (path) = hash` of their option `--tag`.
 */
export function checksumLine(line: string, sink: LineSink): void {
  if (line.startsWith('#')) return;
  const tagged = /^(MD5|SHA1|SHA256|SHA512) \((.+)\) = ([0-9a-f]+)$/i.exec(line.slice(0, 5000));
  if (tagged !== null) {
    reportHash(`${tagged[1]!}:${tagged[3]!}`, tagged[2]!, sink);
    return;
  }
  const space = line.indexOf(' ');
  if (space < 0 || !/^[ *]/.test(line.slice(space + 1))) {
    sink.problem('not a checksum and a path');
    return;
  }
  // A backslash before the hash says that the path has escapes.
  const hash = line.startsWith('\\') ? line.slice(1, space) : line.slice(0, space);
  reportHash(hash, line.slice(space + 2), sink);
}

function reportHash(text: string, note: string, sink: LineSink): void {
  const value: ListValue | string | undefined = hashValue(text);
  if (value === undefined) sink.problem('not a hash');
  else if (typeof value === 'string') sink.problem(value);
  else sink.value({ ...value, note });
}
