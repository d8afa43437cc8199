import { type Severity, type Tlp, TLPS } from '../../kernel/index.ts';
import { cleanText, refanged } from './clean-text.ts';
import type { EntryKind, ListValue } from './entry.ts';
import { hashValue, listValue, listValues } from './value.ts';

/** How a column that says what its value is, is read. */
interface ValueType {
  readonly kinds: readonly EntryKind[];
  readonly read?: (text: string) => readonly ListValue[] | string;
}

/**
 * The values of a text whose type the list names, in the words of ThreatFox, MISP, OTX and others: `domain`,
 * `ip:port`, `md5_hash` …; a text is the reason why there is none. `undefined`: the type is unknown.
 */
export function typedValues(type: string, text: string): readonly ListValue[] | string | undefined {
  const word = type.toLowerCase().replace(/[ _]/g, '-');
  const known = TYPES.get(word);
  if (known === undefined) return undefined;
  const values = (known.read ?? listValues)(text);
  if (typeof values === 'string') return values;
  const wrong = values.find(({ kind }) => !known.kinds.includes(kind));
  return wrong === undefined ? values : `the type is "${word}", the value is not`;
}

export function isValueType(type: string): boolean {
  return TYPES.has(type.toLowerCase().replace(/[ _]/g, '-'));
}

/** In a column of URLs `192.0.2.1/24` is a path, not a network, and a bare host is its root. */
export function urlText(text: string): ListValue | string {
  const plain = refanged(cleanText(text));
  return listValue(plain.includes('://') ? plain : `http://${plain}`);
}

function one(value: ListValue | string | undefined): readonly ListValue[] | string {
  return value === undefined ? 'not a hash' : typeof value === 'string' ? value : [value];
}

function hashOf(name: string): ValueType {
  return {
    kinds: ['hash'],
    read: (text) => one(hashValue(text.includes(':') ? text : `${name}:${cleanText(text)}`)),
  };
}

// A column of domains holds addresses, too, in lists that exist.
const DOMAIN: ValueType = { kinds: ['domain', 'host', 'address'] };
const HOST: ValueType = {
  kinds: ['host', 'address'],
  read: (text) => {
    const value = listValue(text);
    return typeof value === 'string' ? value : [value.kind === 'domain' ? { ...value, kind: 'host' } : value];
  },
};
const ADDRESS: ValueType = { kinds: ['address', 'network'] };
const URL_TYPE: ValueType = { kinds: ['url', 'address'], read: (text) => one(urlText(text)) };
const EMAIL: ValueType = { kinds: ['email'] };
const HASH: ValueType = { kinds: ['hash'], read: (text) => one(hashValue(cleanText(text))) };

const TYPES: ReadonlyMap<string, ValueType> = new Map([
  ...['domain', 'domains', 'fqdn', 'domain-name'].map((word) => [word, DOMAIN] as const),
  ...['host', 'hostname'].map((word) => [word, HOST] as const),
  ...[
    'ip',
    'ips',
    'ipv4',
    'ipv6',
    'ip:port',
    'ip-port',
    'ip-dst',
    'ip-src',
    'ip-dst|port',
    'ip-src|port',
    'ipv4-addr',
    'ipv6-addr',
    'address',
    'ip-address',
    'cidr',
    'network',
    'netblock',
    'subnet',
  ].map((word) => [word, ADDRESS] as const),
  ...['url', 'urls', 'uri', 'link'].map((word) => [word, URL_TYPE] as const),
  ...[
    'email',
    'e-mail',
    'mail',
    'email-address',
    'email-addr',
    'email-src',
    'email-dst',
    'envelope-from',
  ].map((word) => [word, EMAIL] as const),
  ...['hash', 'file-hash', 'filehash', 'file'].map((word) => [word, HASH] as const),
  ...['md5', 'sha1', 'sha256', 'sha224', 'sha384', 'sha512'].flatMap((name) =>
    [name, `${name}-hash`, `filehash-${name}`, name.replace('sha', 'sha-')].map(
      (word) => [word, hashOf(name)] as const,
    ),
  ),
]);

export function isSeverity(text: string): text is Severity {
  return text === 'low' || text === 'medium' || text === 'high' || text === 'critical';
}

/** `TLP:AMBER+STRICT`, `amber`; the old `white` is `clear` (TLP 2.0). */
export function tlpOf(text: string): Tlp | undefined {
  const word = text.toLowerCase().replace(/^tlp[:_ -]/, '');
  return word === 'white' ? 'clear' : TLPS.find((tlp) => tlp === word);
}
