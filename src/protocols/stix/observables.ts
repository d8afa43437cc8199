import { isIP } from 'node:net';
import { type Literal, type ObjectPath, pathText, type Test } from './pattern.ts';

/** A value that a look-up can find by itself. */
export interface PatternValue {
  readonly kind: 'domain' | 'url' | 'address' | 'network' | 'hash' | 'email';
  /** As the pattern writes it, without escapes; hashes in lower case. */
  readonly value: string;
  /** What else the pattern asks for and a look-up does not know: a port, a protocol. Empty when nothing. */
  readonly note: string;
  /** From then on the pattern no longer matches (`STOP`). */
  readonly stopMs: number | undefined;
}

/** What one test is worth. */
export type Finding =
  | { readonly type: 'values'; readonly values: readonly PatternValue[]; readonly isFile: boolean }
  /** Says more about something else: a port, the name of a file. */
  | { readonly type: 'refinement'; readonly of: 'traffic' | 'file' }
  | Nothing;

export interface Nothing {
  readonly type: 'nothing';
  readonly reason: string;
  /** What is meant, where it is not the whole part of the pattern. */
  readonly text?: string;
}

/** Properties whose values can be looked up. Indexes are written `[*]`. */
const VALUES: Readonly<Record<string, 'domain' | 'url' | 'address' | 'email' | 'named'>> = {
  'domain-name:value': 'domain',
  'url:value': 'url',
  'ipv4-addr:value': 'address',
  'ipv6-addr:value': 'address',
  'email-addr:value': 'email',
  'email-message:from_ref.value': 'email',
  'email-message:sender_ref.value': 'email',
  'network-traffic:dst_ref.value': 'named',
};

/** Whose hashes are those of a whole file; a section of a program or the image of a process is none. */
const HASHED =
  /^(?:file:(?:content_ref\.)?|artifact:|email-message:body_multipart\[\*\]\.body_raw_ref\.)hashes\.(.+)$/;

/** Digits of the digests that are looked up. */
const HASH_DIGITS: Readonly<Record<string, number>> = { MD5: 32, SHA1: 40, SHA256: 64 };

/** Which port, which protocol: a look-up of the address or name does not know. */
const TRAFFIC =
  /^network-traffic:(?:src_port|dst_port|protocols\[\*\]|dst_ref\.type|is_active|src_byte_count|dst_byte_count)$/;

/** What a digest of the content says already. */
const FILE =
  /^(?:file|artifact):(?:name|size|mime_type|name_enc|magic_number_hex|parent_directory_ref\.path|created|modified|mtime|ctime)$/;

export function findingOf(test: Test): Finding {
  const path = pathText(test.path);
  if (test.isNegated || test.operator === '!=') return nothing('a test that is negated names what is fine');
  if (TRAFFIC.test(path)) return { type: 'refinement', of: 'traffic' };
  if (FILE.test(path)) return { type: 'refinement', of: 'file' };
  const hash = HASHED.exec(path)?.[1];
  if (hash !== undefined) return hashFinding(hash, test);
  const kind = VALUES[path];
  if (kind === undefined) return nothing(`${shortPath(test.path)} is not looked up`);
  if (kind === 'domain' && test.operator === 'LIKE') return subdomains(test);
  const isSubset = test.operator === 'ISSUBSET' && (kind === 'address' || kind === 'named');
  if (test.operator !== '=' && test.operator !== 'IN' && !isSubset)
    return nothing(`${shortPath(test.path)} is looked up whole, not with ${test.operator}`);
  return valuesOf(test.literals, false, (text) => {
    if (text === '') return 'an empty value';
    if (kind !== 'address' && kind !== 'named') return { kind, value: text };
    if (text.includes('/')) return { kind: 'network', value: text };
    return { kind: kind === 'address' || isIP(text) > 0 ? 'address' : 'domain', value: text };
  });
}

function hashFinding(name: string, test: Test): Finding {
  // STIX 2.0 and 2.1 and what producers write: SHA-256, 'SHA256', sha-256, SHA_256.
  const plain = name.toUpperCase().replace(/[-_]/g, '');
  const digits = HASH_DIGITS[plain];
  if (digits === undefined) return nothing(`hashes of type ${name.slice(0, 20)} are not looked up`);
  if (test.operator !== '=' && test.operator !== 'IN')
    return nothing(`a hash is looked up whole, not with ${test.operator}`);
  return valuesOf(test.literals, true, (text) =>
    text.length === digits && /^[0-9a-f]+$/i.test(text)
      ? { kind: 'hash', value: text.toLowerCase() }
      : `not ${digits} hexadecimal digits of ${name.slice(0, 20)}`,
  );
}

/** `'%.evil.example'` is everything below a name; any other wildcard is more than a look-up can do. */
function subdomains(test: Test): Finding {
  return valuesOf(test.literals, false, (text) =>
    /^%\.[^%_]+$/.test(text)
      ? { kind: 'domain', value: text.slice(2) }
      : 'LIKE with a wildcard other than %. before a name',
  );
}

function valuesOf(
  literals: readonly Literal[],
  isFile: boolean,
  read: (text: string) => Pick<PatternValue, 'kind' | 'value'> | string,
): Finding {
  const values: PatternValue[] = [];
  for (const literal of literals) {
    const text =
      literal.type === 'text'
        ? literal.value
        : literal.type === 'bytes' && isFile
          ? Buffer.from(literal.value).toString('hex')
          : undefined;
    const value = text === undefined ? 'a value that is no text' : read(text);
    // One bad value of a set spoils the test: what is left would not be what the producer meant.
    if (typeof value === 'string') return nothing(value);
    values.push({ ...value, note: '', stopMs: undefined });
  }
  return values.length === 0 ? nothing('an empty set') : { type: 'values', values, isFile };
}

function shortPath(path: ObjectPath): string {
  const text = pathText(path);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function nothing(reason: string): Finding {
  return { type: 'nothing', reason };
}
