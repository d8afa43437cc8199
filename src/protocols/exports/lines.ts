import {
  type ExportEntry,
  type ExportFacts,
  type ExportFormat,
  type ExportGroup,
  type ExportSink,
  type ExportWriter,
  isOneWord,
  isPlainName,
} from './entry.ts';

const ALL: readonly ExportGroup[] = ['ip', 'domain', 'url', 'hash', 'email'];

/** A format of one line an entry, without anything around it. */
function lineWriter(line: (entry: ExportEntry) => string | undefined) {
  return (_facts: ExportFacts, out: ExportSink): ExportWriter => ({
    head() {},
    entry(entry) {
      const text = line(entry);
      if (text === undefined) return false;
      out.write(`${text}\n`);
      return true;
    },
  });
}

/** Values as they are stored. */
export const TXT: ExportFormat = {
  name: 'txt',
  about: 'One value a line',
  type: 'text/plain; charset=utf-8',
  groups: ALL,
  paged: true,
  create: lineWriter(({ value }) => (isOneWord(value) ? value : undefined)),
};

/** PAN-OS: an entry of a list of domains or URLs has at most 255 characters. */
const PAN_ENTRY_MAX = 255;

/**
 * Palo Alto External Dynamic List. A list holds one type: `?kind=ip`, `domain` or `url`; without, everything is
 * written as a list of URLs, which takes names and addresses too. URLs have no scheme. `*` and `^` are wildcards
 * there, so a URL that holds one would match more than it says. A name ends with `/`: without it, PAN-OS 10.2 and
 * earlier match `evil.example.org` by `evil.example`.
 */
export const EDL: ExportFormat = {
  name: 'edl',
  about: 'Palo Alto External Dynamic List; ?kind= chooses its type, without it the type is URL',
  type: 'text/plain; charset=utf-8',
  groups: ['ip', 'domain', 'url'],
  paged: true,
  create(facts, out) {
    const asUrl = facts.group === undefined || facts.group === 'url';
    return lineWriter((entry) => {
      const text = !isOneWord(entry.value) ? undefined : asUrl ? panUrl(entry) : panTyped(entry);
      if (text === undefined) return undefined;
      return text.split('\n').some((line) => line.length > PAN_ENTRY_MAX) ? undefined : text;
    })(facts, out);
  },
};

function panTyped({ kind, value }: ExportEntry): string | undefined {
  if (kind === 'address' || kind === 'network') return value;
  if (!isPlainName(value)) return undefined;
  return kind === 'domain' ? `${value}\n*.${value}` : value;
}

function panUrl({ kind, value }: ExportEntry): string | undefined {
  if (kind === 'url') return /[*^]/.test(value) ? undefined : value;
  if (kind === 'address') return value.includes(':') ? `[${value}]/` : `${value}/`;
  if ((kind !== 'domain' && kind !== 'host') || !isPlainName(value)) return undefined;
  return kind === 'domain' ? `${value}/\n*.${value}/` : `${value}/`;
}

/** FortiOS threat feeds: addresses and networks, names with an optional `*.`, URLs, hashes; one a line, no comments. */
export const FORTINET: ExportFormat = {
  name: 'fortinet',
  about: 'Fortinet threat feed; ?kind=ip, domain, url or hash, in parts that FortiOS takes (?part=)',
  type: 'text/plain; charset=utf-8',
  groups: ['ip', 'domain', 'url', 'hash'],
  paged: true,
  create: lineWriter(({ kind, value }) => {
    if (kind === 'email' || !isOneWord(value)) return undefined;
    if (kind === 'url') return value.includes('*') ? undefined : value;
    if (kind !== 'domain' && kind !== 'host') return value;
    if (!isPlainName(value)) return undefined;
    return kind === 'domain' ? `${value}\n*.${value}` : value;
  }),
};

/** hosts(5). A name there is exactly that name: what is below a domain is not covered. */
export const HOSTS: ExportFormat = {
  name: 'hosts',
  about: 'hosts file; covers the names themselves, not what is below them',
  type: 'text/plain; charset=utf-8',
  groups: ['domain'],
  paged: true,
  create: (facts, out) => ({
    head() {
      out.write(`# ${facts.name}, generation ${facts.generation}\n`);
      out.summary('# ');
    },
    entry({ kind, value }) {
      if ((kind !== 'domain' && kind !== 'host') || !isPlainName(value)) return false;
      out.write(`0.0.0.0 ${value}\n`);
      return true;
    },
  }),
};

const CSV_COLUMNS =
  'kind,value,action,category,severity,confidence,tlp,added,first_seen,last_seen,expires,note,reference';

/** All that is known, as RFC 4180 writes it. */
export const CSV: ExportFormat = {
  name: 'csv',
  about: 'Values with all attributes, RFC 4180',
  type: 'text/csv; charset=utf-8; header=present',
  groups: ALL,
  paged: true,
  create: (_facts, out) => ({
    head: () => out.write(`${CSV_COLUMNS}\r\n`),
    entry(entry) {
      const fields = [
        entry.kind,
        entry.value,
        entry.action,
        entry.category,
        entry.severity,
        String(entry.confidence),
        entry.tlp,
        isoSeconds(entry.addedAtS),
        isoSeconds(entry.firstSeenS),
        isoSeconds(entry.lastSeenS),
        isoSeconds(entry.expiresAtS),
        entry.note,
        entry.reference,
      ];
      out.write(`${fields.map(csvField).join(',')}\r\n`);
      return true;
    },
  }),
};

/**
 * One line, whatever the text holds. A spreadsheet takes a text that begins with `=`, `+`, `-` or `@` for a formula
 * (CWE-1236): an apostrophe says that it is none.
 */
export function csvField(text: string): string {
  const line = text.replaceAll(/\p{Cc}+/gu, ' ');
  const safe = /^[=+\-@]/.test(line) ? `'${line}` : line;
  return /[",]|^ | $/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function isoSeconds(seconds: number | undefined): string {
  return seconds === undefined ? '' : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** The format that this gateway imports without loss, one JSON object a line. */
export const NDJSON: ExportFormat = {
  name: 'ndjson',
  about: 'What another gateway of this kind imports without loss (format sallyport)',
  type: 'application/x-ndjson',
  groups: ALL,
  paged: true,
  create: lineWriter(nativeLine),
};

/** One line of the native list format. JSON escapes what could end a line. */
export function nativeLine(entry: ExportEntry): string {
  return JSON.stringify({
    kind: entry.kind,
    value: entry.value,
    action: entry.action,
    category: entry.category,
    severity: entry.severity,
    confidence: entry.confidence,
    tlp: entry.tlp,
    firstSeenMs: milliseconds(entry.firstSeenS),
    lastSeenMs: milliseconds(entry.lastSeenS),
    expiresAtMs: milliseconds(entry.expiresAtS),
    note: entry.note,
    reference: entry.reference === '' ? undefined : entry.reference,
  });
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
