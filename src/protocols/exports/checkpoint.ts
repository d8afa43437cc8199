import { createHash } from 'node:crypto';
import { formatAddress, parseNetwork } from '../../kernel/index.ts';
import { type ExportEntry, type ExportFormat, isOneWord, isPlainName, printable } from './entry.ts';
import { csvField } from './lines.ts';

/**
 * Custom Intelligence Feed of Check Point, in its own CSV form. Lines that begin with `#` are no observables. The
 * name of an observable is unique and stays with its value, so a gateway sees what was taken out.
 */
export const CHECKPOINT: ExportFormat = {
  name: 'checkpoint.csv',
  about: 'Check Point Custom Intelligence Feed',
  type: 'text/csv; charset=utf-8',
  groups: ['ip', 'domain', 'url', 'hash', 'email'],
  paged: true,
  create: (facts, out) => ({
    head() {
      out.write(`#! DESCRIPTION = ${printable(facts.name)}, generation ${facts.generation}\n`);
      out.summary('# ');
      out.write('#UNIQ-NAME,VALUE,TYPE,CONFIDENCE,SEVERITY,PRODUCT,COMMENT\n');
    },
    entry(entry) {
      const typed = typeOf(entry);
      if (typed === undefined) return false;
      const [type, value, product] = typed;
      const name = createHash('sha256').update(`${type} ${value}`).digest('hex').slice(0, 20);
      const fields = [
        `sallyport_${name}`,
        value,
        type,
        confidenceOf(entry.confidence),
        entry.severity,
        product,
        printable(entry.note === '' ? entry.category : `${entry.category}: ${entry.note}`),
      ];
      out.write(`${fields.map(csvField).join(',')}\n`);
      return true;
    },
  }),
};

/** AB, Anti-Bot, looks at where connections go; AV, Anti-Virus, at what is transferred. */
function typeOf({
  kind,
  value,
}: ExportEntry): readonly [type: string, value: string, product: string] | undefined {
  if (!isOneWord(value)) return undefined;
  switch (kind) {
    case 'address':
      return ['IP', value, 'AB'];
    case 'network': {
      const network = parseNetwork(value);
      if (network === undefined) return undefined;
      const { family, first, last } = network;
      const range = [first, last].map((each) => formatAddress({ family, value: each })).join('-');
      return ['IP Range', range, 'AB'];
    }
    case 'domain':
    case 'host':
      return isPlainName(value) ? ['Domain', value, 'AB'] : undefined;
    case 'url':
      return ['URL', value, 'AB'];
    case 'hash': {
      const type = { 32: 'MD5', 40: 'SHA1', 64: 'SHA256' }[value.length];
      return type === undefined ? undefined : [type, value, 'AV'];
    }
    case 'email':
      return ['Mail-from', value, 'AV'];
  }
}

function confidenceOf(confidence: number): string {
  return confidence >= 85 ? 'critical' : confidence >= 60 ? 'high' : confidence >= 30 ? 'medium' : 'low';
}
