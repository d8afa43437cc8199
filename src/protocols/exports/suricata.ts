import {
  type ExportEntry,
  type ExportFacts,
  type ExportFormat,
  isOneWord,
  isPlainName,
  printable,
} from './entry.ts';

/** Addresses of one rule: Suricata builds a tree of them, and a line stays readable. */
const ADDRESSES = 100;

/**
 * Suricata rules: a name by DNS query, TLS server name and HTTP host; a URL by host and path in HTTP; addresses in
 * rules of many. Signature ids are counted from the base, so two exports need bases that are far enough apart.
 */
export const SURICATA: ExportFormat = {
  name: 'suricata',
  about: 'Suricata rules for names, URLs and addresses',
  type: 'text/plain; charset=utf-8',
  groups: ['ip', 'domain', 'url'],
  paged: false,
  create(facts, out) {
    const rules = new Rules(facts, (text) => out.write(text));
    let addresses: string[] = [];
    const flush = (): void => {
      if (addresses.length === 0) return;
      rules.add(`alert ip any any -> [${addresses.join(',')}] any`, 'address', '');
      addresses = [];
    };
    return {
      head() {
        out.write(`# ${facts.name}, generation ${facts.generation}\n`);
        out.summary('# ');
      },
      entry(entry) {
        const { kind, value } = entry;
        if (kind === 'address' || kind === 'network') {
          if (!/^[0-9a-f:./]+$/.test(value) || !rules.hasRoom(1)) return false;
          addresses.push(value);
          if (addresses.length >= ADDRESSES) flush();
          return true;
        }
        if (kind === 'domain' || kind === 'host') return nameRules(rules, entry);
        return kind === 'url' && urlRule(rules, entry);
      },
      end: flush,
    };
  },
};

class Rules {
  readonly #facts: ExportFacts;
  readonly #write: (text: string) => void;
  #count = 0;

  constructor(facts: ExportFacts, write: (text: string) => void) {
    this.#facts = facts;
    this.#write = write;
  }

  /** One rule is kept for the addresses that still wait. */
  hasRoom(count: number): boolean {
    return this.#count + count < this.#facts.rulesMax;
  }

  add(head: string, about: string, options: string): void {
    const message = `${this.#facts.name} ${about}`.replaceAll(/[^\w .:/-]/g, '_');
    const sid = this.#facts.sidBase + this.#count++;
    this.#write(
      `${head} (msg:"SALLYPORT ${message.replaceAll(':', ' ')}"; ${options}classtype:bad-unknown; sid:${sid}; rev:1;)\n`,
    );
  }
}

const NAME_RULES = [
  ['alert dns any any -> any any', 'dns.query;'],
  ['alert tls any any -> any any', 'flow:established,to_server; tls.sni;'],
  ['alert http any any -> any any', 'flow:established,to_server; http.host;'],
] as const;

function nameRules(rules: Rules, { kind, value, category }: ExportEntry): boolean {
  if (!isPlainName(value) || !rules.hasRoom(NAME_RULES.length)) return false;
  // `dotprefix` puts a dot before the name, so that `.evil.example` ends both it and what is below it.
  const match =
    kind === 'domain'
      ? `dotprefix; content:".${value}"; nocase; endswith; `
      : `content:"${value}"; nocase; startswith; endswith; `;
  for (const [head, buffer] of NAME_RULES) {
    // The HTTP host is in lower case already, and refuses `nocase`.
    const own = buffer.endsWith('http.host;') ? match.replace('nocase; ', '') : match;
    rules.add(head, `${printable(category, 40)} ${value}`, `${buffer} ${own}`);
  }
  return true;
}

function urlRule(rules: Rules, { value, category }: ExportEntry): boolean {
  const slash = value.indexOf('/');
  const host = value.slice(0, slash);
  const path = value.slice(slash);
  // `http.host` has neither port nor brackets; a pattern of more than 255 octets is refused by Suricata.
  if (!isOneWord(value) || !/^[a-z0-9._-]+$/.test(host) || path.length > 255 || !rules.hasRoom(1))
    return false;
  const exact = path.endsWith('/') ? '' : ' endswith;';
  rules.add(
    'alert http any any -> any any',
    `${printable(category, 40)} URL on ${host}`,
    `flow:established,to_server; http.host; content:"${host}"; startswith; endswith; ` +
      `http.uri; content:"${ruleContent(path)}"; startswith;${exact} `,
  );
  return true;
}

/** What a content of a rule may not hold as it is stands in hexadecimal between bars. */
function ruleContent(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9/._~?&=%+,@!-]/g, (char) => `|${char.charCodeAt(0).toString(16)}|`);
}
