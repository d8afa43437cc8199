import { addressValue } from './address-value.ts';
import type { EntryKind, ListValue } from './entry.ts';
import { domainName, listValue, listValues } from './value.ts';

/** What a line of a text format may say. */
export interface LineSink {
  /** `action` where the line itself says it. */
  value(value: ListValue, action?: 'allow' | 'block'): void;
  problem(reason: string): void;
}

export type LineFormat = (line: string, sink: LineSink) => void;

/** One value a line; `#`, `;` and `//` start a comment, and so does ` #` behind a value. */
export function plainLine(line: string, sink: LineSink): void {
  const first = line.charCodeAt(0);
  if (first === HASH || first === 0x3b || line.startsWith('//') || line.startsWith('! ')) return;
  const text = withoutComment(line);
  const value = listValue(text);
  if (typeof value !== 'string') sink.value(value);
  else reportRange(text, value, sink);
}

/**
 * `0.0.0.0 name …`. A hosts file blocks exactly the names in it, so entries are hosts, not domains. Names
 * of the machine itself say nothing and are passed over.
 */
export function hostsLine(line: string, sink: LineSink): void {
  if (line.charCodeAt(0) === HASH) return;
  const [address, ...names] = withoutComment(line).split(/[ \t]+/);
  if (addressValue(address!)?.kind !== 'address') {
    sink.problem('the line does not start with an address');
    return;
  }
  if (names.length === 0) sink.problem('there is no name behind the address');
  for (const text of names) {
    if (OWN_NAMES.has(text.toLowerCase())) continue;
    const asAddress = addressValue(text);
    if (asAddress !== undefined) {
      if (asAddress.value !== '0.0.0.0' && asAddress.value !== '127.0.0.1') sink.value(asAddress);
      continue;
    }
    reportName('host', domainName(text, false), sink);
  }
}

/** `address=/a/b/target`, `server=/a/`, `local=/a/`: dnsmasq's names with everything below them. */
export function dnsmasqLine(line: string, sink: LineSink): void {
  if (line.charCodeAt(0) === HASH) return;
  const match = /^(?:--)?([a-z-]+)=(.*)$/.exec(line);
  if (match === null) {
    sink.problem('not an option of dnsmasq');
    return;
  }
  const [, option, value] = match;
  if (option !== 'address' && option !== 'server' && option !== 'local') {
    sink.problem(`the option "${option!}" names nothing to block`);
    return;
  }
  const parts = withoutComment(value!).split('/');
  if (parts.length < 3 || parts[0] !== '') {
    sink.problem(`"${option}" without a domain`);
    return;
  }
  const target = parts.at(-1)!;
  // `server=/name/#` asks the usual servers: an exception. With an address it only forwards.
  const isException = option === 'server' && target === '#';
  if (option !== 'address' && target !== '' && !isException) {
    sink.problem('the line forwards questions and blocks nothing');
    return;
  }
  for (const text of parts.slice(1, -1)) {
    if (text === '#') sink.problem('"#", every domain, is not supported');
    else
      reportName(
        'domain',
        domainName(text.replace(/^\*?\./, ''), true),
        sink,
        isException ? 'allow' : undefined,
      );
  }
}

/**
 * Maltrail's own files: addresses with or without port, domains, URLs. Paths without a host and regular
 * expressions are for its sensor and cannot be matched here.
 */
export function maltrailLine(line: string, sink: LineSink): void {
  if (line.charCodeAt(0) === HASH) return;
  report(maltrailValue(withoutComment(line)), sink);
}

export function maltrailValue(text: string): ListValue | string {
  if (text.startsWith('/')) return 'a path without a host';
  const isExpression = /[\\^]|\{\d|\[(?!\.\]|[0-9a-f:.]+\](?:$|:))/i.test(text);
  return isExpression ? 'a regular expression is not supported' : listValue(text);
}

/** `domain:x` or `x`, `full:x`, with attributes behind: the lists of v2fly/domain-list-community. */
export function v2flyLine(line: string, sink: LineSink): void {
  if (line.charCodeAt(0) === HASH) return;
  const [rule, ...attributes] = withoutComment(line).split(/\s+/);
  const colon = rule!.indexOf(':');
  const type = colon < 0 ? 'domain' : rule!.slice(0, colon);
  const text = rule!.slice(colon + 1);
  if (type !== 'domain' && type !== 'full') {
    sink.problem(V2FLY_REASONS[type] ?? `the rule "${type}" is unknown`);
    return;
  }
  // `@ads`, and `&name` for the lists that it belongs to, too.
  if (!attributes.every((attribute) => /^[@&]/.test(attribute))) {
    sink.problem('not a rule with attributes');
    return;
  }
  const name = domainName(text, true);
  if (name.startsWith('!')) sink.problem(name.slice(1));
  else sink.value({ kind: type === 'full' ? 'host' : 'domain', value: name, note: attributes.join(' ') });
}

const HASH = 0x23;

const V2FLY_REASONS: Readonly<Record<string, string>> = {
  include: 'include: the other list must be imported itself',
  regexp: 'a regular expression is not supported',
  keyword: 'a keyword is not supported',
};

const OWN_NAMES: ReadonlySet<string> = new Set([
  'localhost',
  'localhost.localdomain',
  'local',
  'broadcasthost',
  'ip6-localhost',
  'ip6-loopback',
  'ip6-localnet',
  'ip6-mcastprefix',
  'ip6-allnodes',
  'ip6-allrouters',
  'ip6-allhosts',
]);

function withoutComment(line: string): string {
  for (let at = line.indexOf('#'); at > 0; at = line.indexOf('#', at + 1)) {
    const before = line.charCodeAt(at - 1);
    if (before === 0x20 || before === 0x09) return line.slice(0, at).trimEnd();
  }
  return line;
}

/** What is no single value may be a range that stands for several. */
export function reportRange(text: string, reason: string, sink: LineSink): void {
  const values = text.includes('-') ? listValues(text) : reason;
  if (typeof values === 'string') sink.problem(values);
  else for (const value of values) sink.value(value);
}

export function report(value: ListValue | string, sink: LineSink): void {
  if (typeof value === 'string') sink.problem(value);
  else sink.value(value);
}

export function reportName(kind: EntryKind, name: string, sink: LineSink, action?: 'allow' | 'block'): void {
  if (name.startsWith('!')) sink.problem(name.slice(1));
  else sink.value({ kind, value: name, note: '' }, action);
}
