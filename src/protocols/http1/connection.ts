import { FIELD, type FieldScanner, type FieldTable, parseTokenList } from '../fields/index.ts';
import type { Http1Violation } from './violations.ts';

const CONNECTION = 1 << FIELD.CONNECTION;
const UPGRADE = 1 << FIELD.UPGRADE;

/**
 * Names that Connection may not list (RFC 9110 §7.6.1: fields meant for all recipients): a hop that dropped them
 * would forward another message than the one it checked.
 */
const NEVER_LISTED: ReadonlySet<string> = new Set(['host', 'content-length', 'via']);
/** Listed names that need no dropping of their own: options, and fields that never pass a hop. */
const ALWAYS_DROPPED: ReadonlySet<string> = new Set([
  'close',
  'keep-alive',
  'upgrade',
  'te',
  'transfer-encoding',
  'connection',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'http2-settings',
]);

/** What Connection and Upgrade say; one object per decoder, reused. */
export class ConnectionFields {
  keepAlive = true;
  upgrade: string | undefined = undefined;
  names: ReadonlySet<string> | undefined = undefined;
  readonly #membersMax: number;

  /** `membersMax` bounds the lists in Connection and Upgrade. */
  constructor(membersMax: number) {
    this.#membersMax = membersMax;
  }

  read(fields: FieldTable, seen: FieldScanner, minor: 0 | 1): Http1Violation | undefined {
    // RFC 9112 §9.3: HTTP/1.1 keeps the connection unless told otherwise, HTTP/1.0 only when told.
    this.keepAlive = minor === 1;
    this.upgrade = undefined;
    this.names = undefined;
    if ((seen.seen & CONNECTION) === 0) return undefined;
    if ((seen.twice & CONNECTION) === 0) {
      const value = fields.value(fields.indexOfKnown(FIELD.CONNECTION));
      // The usual texts, without a list.
      if (value === 'keep-alive' || value === 'Keep-Alive') {
        this.keepAlive = true;
        return undefined;
      }
      if (value === 'close') {
        this.keepAlive = false;
        return undefined;
      }
      return this.#readList(value, fields, seen, minor);
    }
    return this.#readList(fields.all('connection').join(','), fields, seen, minor);
  }

  #readList(value: string, fields: FieldTable, seen: FieldScanner, minor: 0 | 1): Http1Violation | undefined {
    const members = parseTokenList(value, this.#membersMax);
    if (members === undefined) return 'HTTP1_BAD_CONNECTION';
    const names = new Set<string>();
    let close = false;
    for (const member of members) {
      if (NEVER_LISTED.has(member)) return 'HTTP1_BAD_CONNECTION';
      if (member === 'close') close = true;
      else if (member === 'keep-alive') this.keepAlive = true;
      // RFC 9110 §7.8: Upgrade in HTTP/1.0 is to be ignored.
      else if (member === 'upgrade' && minor === 1) this.upgrade = upgradeOf(fields, seen, this.#membersMax);
      else if (!ALWAYS_DROPPED.has(member)) names.add(member);
    }
    if (close) this.keepAlive = false;
    if (names.size > 0) this.names = names;
    return undefined;
  }
}

/** The protocols offered, when each is `token[/token]` and none is a version of HTTP. */
function upgradeOf(fields: FieldTable, seen: FieldScanner, membersMax: number): string | undefined {
  if ((seen.seen & UPGRADE) === 0) return undefined;
  const value = fields.all('upgrade').join(', ');
  const protocols = parseTokenList(value.replaceAll('/', ','), membersMax);
  if (protocols === undefined || protocols.length === 0) return undefined;
  return protocols.some((protocol) => protocol === 'h2c' || protocol === 'h2' || protocol === 'http')
    ? undefined
    : value;
}
