import { parseAddress, parseNetwork } from '../../kernel/index.ts';
import { networkValue } from './address-value.ts';
import type { ListValue } from './entry.ts';
import type { LineSink } from './text-formats.ts';
import { domainName } from './value.ts';

type Action = 'allow' | 'block';

/** A record whose fields are still to be told apart. */
interface Owned {
  readonly owner: string;
  readonly fields: readonly string[];
}

const CLASSES = new Set(['IN', 'CH', 'HS', 'ANY']);
/** Records of the zone itself, and the marks of DNSSEC. */
const SKIPPED = new Set(['SOA', 'NS', 'RRSIG', 'NSEC', 'NSEC3', 'NSEC3PARAM', 'DNSKEY', 'ZONEMD']);

/**
 * A response policy zone (draft-vixie-dnsop-dns-rpz) as a zone file (RFC 1035 §5). Owner names are policy
 * triggers, and what a name gets instead of its answer is a block, except `rpz-passthru.`, which is an exception.
 *
 * `name` and `*.name` are two records for one thing: beside each other, with the same action, they are one
 * entry of kind domain.
 */
export class RpzReader {
  readonly #sink: LineSink;
  /** With a dot at the end; empty while the file has not said it. */
  #origin = '';
  /** The zone itself, which is taken off the owner names. */
  #apex = '';
  #owner = '';
  #depth = 0;
  #held = '';
  #isHeldIndented = false;
  /** A host whose `*.` may follow. */
  #pending: { readonly name: string; readonly action: Action; readonly note: string } | undefined;
  #lastWildcard = '';
  #lastAction: Action = 'block';

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  /** One line. Parentheses hold a record together over several (the usual form of an SOA). */
  line(text: string, isIndented: boolean): void {
    const plain = withoutComment(text);
    if (plain === '') return;
    if (this.#depth === 0) {
      this.#held = '';
      this.#isHeldIndented = isIndented;
    }
    for (const char of plain.includes('"') ? plain.replace(/"[^"]*"?/g, '') : plain) {
      if (char === '(') this.#depth++;
      else if (char === ')') this.#depth = Math.max(0, this.#depth - 1);
    }
    // Only the beginning of what stands in parentheses is needed: the owner and the type.
    if (this.#held.length < HELD_MAX) this.#held += `${this.#held === '' ? '' : ' '}${plain}`;
    if (this.#depth > 0) return;
    this.#whole(this.#held, this.#isHeldIndented);
  }

  end(): void {
    this.#flush();
    if (this.#depth > 0) this.#sink.problem('a parenthesis is not closed');
  }

  #whole(text: string, isIndented: boolean): void {
    const words = text
      .replace(/[()]/g, ' ')
      .trim()
      .split(/[ \t]+/, WORDS_MAX);
    if (words[0]!.startsWith('$')) {
      this.#directive(words);
      return;
    }
    if (!isIndented) this.#owner = words.shift()!;
    this.#record({ owner: this.#owner, fields: words });
  }

  #directive(words: readonly string[]): void {
    const name = words[0]!.toUpperCase();
    if (name === '$ORIGIN') {
      this.#origin = this.#absolute(words[1] ?? '.');
      this.#apex ||= this.#origin;
    } else if (name !== '$TTL') this.#sink.problem(`${name.slice(0, 20)} is not supported`);
  }

  #record({ owner, fields }: Owned): void {
    let at = 0;
    // TTL and class may stand in either order (RFC 1035 §5.1), and each may be left out.
    while (
      at < fields.length &&
      (/^\d+[smhdw\d]*$/i.test(fields[at]!) || CLASSES.has(fields[at]!.toUpperCase()))
    )
      at++;
    const type = fields[at]?.toUpperCase();
    const target = fields[at + 1] ?? '';
    if (type === 'SOA') {
      const zone = this.#absolute(owner);
      if (zone !== '' && zone !== '.') this.#apex = zone;
      return;
    }
    if (type === undefined || !/^[A-Z][A-Z0-9-]{0,15}$/.test(type)) {
      this.#sink.problem('not a record of a zone');
      return;
    }
    if (SKIPPED.has(type)) return;
    if (type !== 'CNAME' && type !== 'A' && type !== 'AAAA') {
      this.#sink.problem(`a record of type ${type} blocks nothing`);
      return;
    }
    if (target === '') {
      this.#sink.problem(`a ${type} record without a target`);
      return;
    }
    this.#trigger(owner, type, target);
  }

  #trigger(owner: string, type: string, target: string): void {
    const name = this.#relative(owner);
    if (name === undefined) {
      this.#sink.problem('an owner name outside of the zone');
      return;
    }
    if (name === '') return;
    const wanted = actionOf(name, type, target, this.#absolute(owner));
    if (typeof wanted === 'string') {
      this.#sink.problem(wanted);
      return;
    }
    const { action, note } = wanted;
    const special = /\.rpz-([a-z-]+)$/.exec(name);
    if (special !== null) {
      this.#special(name.slice(0, special.index), special[1]!, action, note);
      return;
    }
    const isWildcard = name.startsWith('*.');
    const domain = domainName(isWildcard ? name.slice(2) : name, true);
    if (domain.startsWith('!')) this.#sink.problem(domain.slice(1));
    else this.#name(domain, isWildcard, action, note);
  }

  #name(name: string, isWildcard: boolean, action: Action, note: string): void {
    const pending = this.#pending;
    if (isWildcard) {
      if (pending?.name === name && pending.action === action) this.#pending = undefined;
      this.#flush();
      this.#lastWildcard = name;
      this.#lastAction = action;
      this.#sink.value({ kind: 'domain', value: name, note }, action);
      return;
    }
    this.#flush();
    // The wildcard stood first: it is the domain already.
    if (this.#lastWildcard === name && this.#lastAction === action) return;
    this.#pending = { name, action, note };
  }

  #special(text: string, trigger: string, action: Action, note: string): void {
    this.#flush();
    if (trigger === 'ip') {
      const value = rpzNetwork(text);
      if (value === undefined) this.#sink.problem('not an address of rpz-ip');
      else this.#sink.value({ ...value, note }, action);
    } else this.#sink.problem(SPECIAL_REASONS[trigger] ?? `the trigger rpz-${trigger} is unknown`);
  }

  #flush(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined)
      this.#sink.value({ kind: 'host', value: pending.name, note: pending.note }, pending.action);
  }

  #absolute(name: string): string {
    const lower = name.toLowerCase();
    if (lower === '@') return this.#origin;
    if (lower.endsWith('.')) return lower;
    return this.#origin === '' || this.#origin === '.' ? `${lower}.` : `${lower}.${this.#origin}`;
  }

  /** The owner without the zone, empty for the zone itself, `undefined` when it lies outside. */
  #relative(owner: string): string | undefined {
    if (owner === '' || owner === '@') return '';
    const isAbsolute = owner.endsWith('.');
    if (!isAbsolute && this.#origin === '') return owner.toLowerCase();
    const name = this.#absolute(owner);
    if (this.#apex === '' || this.#apex === '.') return isAbsolute ? undefined : name.slice(0, -1);
    if (name === this.#apex) return '';
    return name.endsWith(`.${this.#apex}`) ? name.slice(0, -this.#apex.length - 1) : undefined;
  }
}

/** `24.0.2.0.192` is 192.0.2.0/24; `48.zz.1.db8.2001` is 2001:db8:1::/48 (draft §4.1.1). */
export function rpzNetwork(text: string): ListValue | undefined {
  const [prefix, ...labels] = text.split('.', 10);
  if (!/^\d{1,3}$/.test(prefix ?? '') || labels.length < 2) return undefined;
  const reversed = labels.toReversed();
  const isIpv4 = reversed.length === 4 && reversed.every((label) => /^\d{1,3}$/.test(label));
  if (isIpv4 && Number(prefix) <= 32) return networkOf(`${reversed.join('.')}/${prefix!}`);
  const groups = reversed.map((label) => (label === 'zz' ? '' : label));
  const isGap = groups.indexOf('');
  if (groups.filter((group) => group === '').length > 1) return undefined;
  if (isGap < 0 && groups.length !== 8) return undefined;
  const joined = groups.join(':');
  const address = isGap === 0 ? `:${joined}` : isGap === groups.length - 1 ? `${joined}:` : joined;
  return networkOf(`${address}/${prefix!}`);
}

function networkOf(text: string): ListValue | undefined {
  const network = parseNetwork(text);
  return network === undefined ? undefined : networkValue(network.family, network.first, network.prefix);
}

const HELD_MAX = 4096;
const WORDS_MAX = 64;

const SPECIAL_REASONS: Readonly<Record<string, string>> = {
  'client-ip': 'rpz-client-ip: the address of who asks is a matter of policy',
  nsip: 'rpz-nsip: the addresses of name servers are not looked at',
  nsdname: 'rpz-nsdname: the names of name servers are not looked at',
};

function actionOf(
  name: string,
  type: string,
  target: string,
  owner: string,
): { readonly action: Action; readonly note: string } | string {
  if (type !== 'CNAME') {
    return parseAddress(target) === undefined
      ? `a record of type ${type} without an address`
      : { action: 'block', note: `answered with ${target}` };
  }
  const lower = target.toLowerCase();
  if (lower === '.' || lower === '*.' || lower === 'rpz-drop.') return { action: 'block', note: '' };
  // A name that points to itself is the old form of passthru (draft §3.5).
  if (lower === 'rpz-passthru.' || lower === owner || lower === `${name}.`)
    return { action: 'allow', note: '' };
  if (lower === 'rpz-tcp-only.') return 'rpz-tcp-only blocks nothing';
  return /^[\x21-\x7e]+$/.test(lower)
    ? { action: 'block', note: `redirected to ${lower.replace(/\.$/, '').slice(0, 253)}` }
    : 'a CNAME record without a target';
}

/** A semicolon starts a comment, except in quotes. */
function withoutComment(line: string): string {
  const semicolon = line.indexOf(';');
  if (semicolon < 0) return line;
  if (!line.includes('"')) return line.slice(0, semicolon).trimEnd();
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') isQuoted = !isQuoted;
    else if (line[at] === ';' && !isQuoted) return line.slice(0, at).trimEnd();
  }
  return line;
}
