import { formatAddress, NetworkSet, parseAddress, type Subject } from '../../kernel/index.ts';
import type { FieldTable } from '../../protocols/fields/index.ts';

/** Who is behind a request of an ICAP client. */
export interface IcapSubject extends Subject {
  readonly groups: readonly string[] | undefined;
  /** Address that the client has connected to for the request. */
  readonly destination: string | undefined;
}

export interface SubjectReader {
  read(client: string, fields: FieldTable): IcapSubject;
}

const GROUPS_MAX = 256;
const NAME_CHARS_MAX = 256;
const VALUE_CHARS_MAX = 16_384;

/**
 * Fields of the extension draft-stecher-icap-subid and of Squid. Only clients that the operator trusts speak for
 * others; everybody else is himself.
 */
export function createSubjectReader(trustedClients: readonly string[]): SubjectReader {
  const trusted = new NetworkSet(trustedClients);
  const some = trustedClients.length > 0;
  return {
    read(client, fields) {
      if (!some || !trusted.hasText(client))
        return { source: client, user: undefined, groups: undefined, destination: undefined };
      return {
        source: addressIn(fields.get('x-client-ip')) ?? client,
        user: userIn(fields.get('x-authenticated-user')) ?? userIn(fields.get('x-client-username')),
        groups: groupsIn(fields.get('x-authenticated-groups')),
        destination: addressIn(fields.get('x-server-ip')),
      };
    },
  };
}

/** One text for one address, whatever the spelling: rates and warnings are counted by it. */
function addressIn(value: string | undefined): string | undefined {
  if (value === undefined || value.length > 64) return undefined;
  const address = parseAddress(value);
  if (address === undefined) return undefined;
  const { family, value: bits } = address;
  if (family === 4) return value;
  // IPv4-mapped (RFC 4291).
  if (bits >> 32n === 0xffffn) return formatAddress({ family: 4, value: bits & 0xffff_ffffn });
  return formatAddress(address);
}

/** `undefined`: there is none, or the client says that it knows none. */
export function userIn(value: string | undefined): string | undefined {
  const text = plainText(value);
  if (text === undefined || text === '-') return undefined;
  const name = nameIn(text);
  return name === '' ? undefined : name.slice(0, NAME_CHARS_MAX);
}

export function groupsIn(value: string | undefined): readonly string[] | undefined {
  const text = plainText(value);
  if (text === undefined) return undefined;
  const parts = splitGroups(text).map(nameIn);
  return [...new Set(parts.filter((name) => name !== '' && name.length <= NAME_CHARS_MAX))].slice(
    0,
    GROUPS_MAX,
  );
}

/** Values come in base64 or plain. A name can look like base64: only what decodes to an address or is padded is taken as such. */
function plainText(value: string | undefined): string | undefined {
  if (value === undefined || value === '' || value.length > VALUE_CHARS_MAX) return undefined;
  const utf8 = Buffer.from(value, 'latin1').toString('utf8');
  const plain = utf8.includes('�') ? value : utf8;
  if (plain.includes('://') || !/^[A-Za-z0-9+/]+={0,2}$/.test(value))
    return isText(plain) ? plain : undefined;
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  return isText(decoded) && (decoded.includes('://') || value.endsWith('=')) ? decoded : plain;
}

function isText(text: string): boolean {
  return !/[\p{Cc}\ufffd]/u.test(text);
}

/** `Local://anna`, `WinNT://DOMAIN/anna`, `LDAP://server/CN=Anna,OU=Sales,DC=example`, or the name alone. */
function nameIn(text: string): string {
  const at = text.indexOf('://');
  if (at < 0) return text.trim();
  const scheme = text.slice(0, at).toLowerCase();
  const rest = text.slice(at + 3);
  if (scheme === 'winnt') {
    const parts = rest.split('/').filter((part) => part !== '');
    return parts.length < 2 ? (parts[0] ?? '') : `${parts.at(-2)}\\${parts.at(-1)}`;
  }
  if (scheme === 'ldap' || scheme === 'ldaps') return commonName(rest.slice(rest.indexOf('/') + 1));
  return rest.replace(/^\/+/, '').trim();
}

/** The value of the first part of a distinguished name (RFC 4514), without its escapes. */
function commonName(name: string): string {
  const value = /^\s*[\w.-]+\s*=\s*((?:\\.|[^,\\])*)/.exec(name)?.[1];
  if (value === undefined) return name.trim();
  const bytes = value
    .trim()
    .replaceAll(/(?:\\[0-9a-f]{2})+/gi, (escaped) =>
      Buffer.from(escaped.replaceAll('\\', ''), 'hex').toString('utf8'),
    );
  return bytes.replaceAll(/\\(.)/g, '$1');
}

/** Names of LDAP groups have commas in them: there a list is cut only before the next address. */
function splitGroups(text: string): readonly string[] {
  return text.includes('://') ? text.split(/,\s*(?=[A-Za-z]+:\/\/)/) : text.split(',');
}
