import { type ExportFormat, identifier, isOneWord, isPlainName } from './entry.ts';

/**
 * ProxySG Content Policy Language. Lists of one kind become definitions of that kind, which the proxy looks up by
 * hash; a condition joins them. An empty definition is an error there, so it is left out.
 */
export const CPL: ExportFormat = {
  name: 'cpl',
  about: 'Content policy of ProxySG: definitions, and one condition that joins them',
  type: 'text/plain; charset=utf-8',
  groups: ['ip', 'domain', 'url'],
  paged: false,
  create(facts, out) {
    const name = `sallyport_${identifier(facts.name)}`;
    let open: string | undefined;
    const joined: string[] = [];
    return {
      passes: SECTIONS.length,
      head() {
        out.write(`; ${facts.name}, generation ${facts.generation}\n`);
        out.summary('; ');
        out.write(`; use it so:\n; <Proxy>\n;   condition=${name} exception(content_filter_denied)\n`);
      },
      entry({ kind, value }, pass) {
        const section = SECTIONS[pass]!;
        if (kind !== section.kind) return SECTIONS.some((each) => each.kind === kind);
        const text = section.line(value);
        if (text === undefined) return false;
        if (open === undefined) {
          open = `${name}_${section.suffix}`;
          out.write(`define ${section.definition} ${open}\n`);
          joined.push(`${section.test}${open}`);
        }
        out.write(`  ${text}\n`);
        return true;
      },
      end(pass) {
        if (open !== undefined) out.write('end\n');
        open = undefined;
        if (pass < SECTIONS.length - 1 || joined.length === 0) return;
        out.write(`define condition ${name}\n${joined.map((each) => `  ${each}\n`).join('')}end\n`);
      },
    };
  },
};

interface Section {
  readonly kind: string;
  readonly suffix: string;
  readonly definition: string;
  readonly test: string;
  line(value: string): string | undefined;
}

const name = (value: string): string | undefined => (isPlainName(value) ? value : undefined);
/** A quoted word: neither quotes, backslashes, `$(` substitutions nor the comment sign may stand in it. */
const quoted = (value: string): string | undefined =>
  isOneWord(value) && !/["\\;$]/.test(value) ? `"${value}"` : undefined;

const SECTIONS: readonly Section[] = [
  { kind: 'domain', suffix: 'domains', definition: 'url.domain condition', test: 'condition=', line: name },
  {
    kind: 'host',
    suffix: 'hosts',
    definition: 'condition',
    test: 'condition=',
    line: (value) => (isPlainName(value) ? `url.host.exact=${value}` : undefined),
  },
  { kind: 'url', suffix: 'urls', definition: 'url condition', test: 'condition=', line: quoted },
  { kind: 'address', suffix: 'addresses', definition: 'subnet', test: 'url.address=', line: plainAddress },
  { kind: 'network', suffix: 'networks', definition: 'subnet', test: 'url.address=', line: plainAddress },
];

function plainAddress(value: string): string | undefined {
  return /^[0-9a-f:./]+$/.test(value) ? value : undefined;
}
