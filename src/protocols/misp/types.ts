import type { Severity, StatedIndicator } from '../../kernel/index.ts';

/** What a value of a type of attribute is (MISP core format, draft-dulaunoy-misp-core-format §2.4.2.2). */
interface AttributeType {
  readonly kind: StatedIndicator['kind'];
  /** Of a composite `a|b`: which part is the value, and what the other says. */
  readonly value?: 1 | 2;
  readonly other?: string;
}

const HASHES = ['md5', 'sha1', 'sha256'];
const OTHER_HASHES =
  /^(?:filename\|)?(?:sha224|sha384|sha512|sha512\/224|sha512\/256|sha3-\d+|ssdeep|imphash|impfuzzy|tlsh|authentihash|pehash|vhash|cdhash|telfhash)$/;

const TYPES: ReadonlyMap<string, AttributeType> = new Map([
  ['domain', { kind: 'domain' }],
  ['hostname', { kind: 'host' }],
  ['url', { kind: 'url' }],
  ['uri', { kind: 'url' }],
  ['ip-dst', { kind: 'address' }],
  ['ip-src', { kind: 'address' }],
  ['ip-dst|port', { kind: 'address', value: 1, other: 'port' }],
  ['ip-src|port', { kind: 'address', value: 1, other: 'port' }],
  ['hostname|port', { kind: 'host', value: 1, other: 'port' }],
  // The address is where the name pointed to: others may be at home there.
  ['domain|ip', { kind: 'domain', value: 1, other: 'resolved to' }],
  ['email', { kind: 'email' }],
  ['email-src', { kind: 'email' }],
  ['malware-sample', { kind: 'hash', value: 2, other: 'file' }],
  ...HASHES.map((name): [string, AttributeType] => [name, { kind: 'hash' }]),
  ...HASHES.map((name): [string, AttributeType] => [
    `filename|${name}`,
    { kind: 'hash', value: 2, other: 'file' },
  ]),
]);

/** Digits of the digest that a type stands for. */
const DIGITS: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64 };

/** A value of an attribute, or why there is none. */
export function attributeValue(
  type: string,
  text: string,
): { readonly kind: StatedIndicator['kind']; readonly value: string; readonly note: string } | string {
  const known = TYPES.get(type);
  if (known === undefined) {
    if (type === 'email-dst') return 'an email-dst is who was written to';
    return OTHER_HASHES.test(type)
      ? `hashes of type ${type.replace('filename|', '')} are not looked up`
      : `attributes of type ${type.slice(0, 40)} are not looked up`;
  }
  const bar = text.lastIndexOf('|');
  if (known.value !== undefined && bar < 0) return `no | in a value of type ${type}`;
  const [first, second] = [text.slice(0, bar), text.slice(bar + 1)];
  const value = known.value === undefined ? text : known.value === 1 ? first : second;
  const other = known.value === undefined ? '' : known.value === 1 ? second : first;
  const digits = DIGITS[type === 'malware-sample' ? 'md5' : type.replace('filename|', '')];
  if (digits !== undefined && !(value.length === digits && /^[0-9a-f]+$/i.test(value)))
    return `not ${digits} hexadecimal digits of ${type}`;
  return {
    kind: known.kind,
    value: known.kind === 'hash' ? value.toLowerCase() : value,
    note: other === '' ? '' : `${known.other!} ${other}`,
  };
}

export function isLookedUp(type: string): boolean {
  return TYPES.has(type);
}

/** `threat_level_id`: 4 is undefined. */
export function severityOf(threatLevel: unknown): Severity | undefined {
  return ({ '1': 'high', '2': 'medium', '3': 'low' } as const)[String(threatLevel) as '1' | '2' | '3'];
}
