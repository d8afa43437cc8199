import type { StatedIndicator } from '../../kernel/index.ts';

export type TermKind = Exclude<StatedIndicator['kind'], 'network'>;

/**
 * Search terms of `Context` whose content is looked up: those of Mandiant's and FireEye's vocabulary, in lower case, for
 * they are written in several cases. All others narrow something else down, or are about the memory of a machine.
 */
const TERMS: ReadonlyMap<string, TermKind> = new Map([
  ...[
    'FileItem/Md5sum',
    'FileItem/Sha1sum',
    'FileItem/Sha256sum',
    'DriverItem/Md5sum',
    'DriverItem/Sha1sum',
    'DriverItem/Sha256sum',
    'TaskItem/Md5sum',
    'TaskItem/Sha1sum',
    'TaskItem/Sha256sum',
    'ServiceItem/PathMd5sum',
    'ServiceItem/PathSha1sum',
    'ServiceItem/PathSha256sum',
    'Email/Attachment/Md5sum',
    'Email/Attachment/Sha1sum',
    'Email/Attachment/Sha256sum',
  ].map((term) => [term.toLowerCase(), 'hash'] as const),
  ...['Network/DNS', 'DnsEntryItem/RecordName', 'DnsEntryItem/Host'].map(
    (term) => [term.toLowerCase(), 'domain'] as const,
  ),
  ...['UrlHistoryItem/HostName', 'Network/HTTP_Host', 'CookieHistoryItem/HostName'].map(
    (term) => [term.toLowerCase(), 'host'] as const,
  ),
  ...['UrlHistoryItem/URL', 'Network/URI', 'FileDownloadHistoryItem/SourceURL', 'FormHistoryItem/URL'].map(
    (term) => [term.toLowerCase(), 'url'] as const,
  ),
  ...[
    'PortItem/remoteIP',
    'Network/RemoteIP',
    'DnsEntryItem/RecordData/IPv4Address',
    'DnsEntryItem/RecordData/IPv6Address',
    'RouteEntryItem/Destination',
  ].map((term) => [term.toLowerCase(), 'address'] as const),
  ...['Email/From', 'Email/ReturnPath', 'Email/ReplyTo'].map(
    (term) => [term.toLowerCase(), 'email'] as const,
  ),
]);

const HASH_DIGITS: readonly (readonly [RegExp, number])[] = [
  [/md5sum$/, 32],
  [/sha1sum$/, 40],
  [/sha256sum$/, 64],
];

export type Term =
  | { readonly type: 'value'; readonly kind: TermKind; readonly digits: number | undefined }
  /** What a digest of the file says already, or a look-up of an address does not know. */
  | { readonly type: 'refinement'; readonly of: 'file' | 'traffic' }
  | { readonly type: 'other' };

export function termOf(search: string): Term {
  const term = search.toLowerCase();
  const kind = TERMS.get(term);
  if (kind !== undefined)
    return { type: 'value', kind, digits: HASH_DIGITS.find(([suffix]) => suffix.test(term))?.[1] };
  if (/^(?:fileitem|driveritem)\//.test(term)) return { type: 'refinement', of: 'file' };
  return /^(?:portitem\/(?:remoteport|localport|protocol|state)|network\/(?:port|protocol))$/.test(term)
    ? { type: 'refinement', of: 'traffic' }
    : { type: 'other' };
}
