import { type Severity, type Tlp, TLPS } from '../../kernel/index.ts';
import { type JsonRecord, recordsOf, textOf } from './json.ts';

/** What tags say of an attribute. */
export interface Tags {
  /** The strictest, where several are there. */
  readonly tlp: Tlp | undefined;
  readonly category: string | undefined;
  readonly severity: Severity | undefined;
  readonly confidence: number | undefined;
}

/** Our own machine tags, for what MISP has no property for. */
export const OWN_NAMESPACE_TAG = 'sallyport';

/**
 * Words that become a category, wherever a taxonomy has them: `circl:incident-classification="phishing"`,
 * `malware_classification:malware-category="Ransomware"`, `phishing`.
 */
const CATEGORIES: ReadonlyMap<string, string> = new Map([
  ...['phishing', 'malware', 'ransomware', 'botnet', 'spam', 'scam', 'cryptomining', 'botnet-cc'].map(
    (word) => [word, word] as const,
  ),
  ...['c2', 'c&c', 'cc', 'command-and-control'].map((word) => [word, 'botnet-cc'] as const),
  ...['coinminer', 'cryptojacking'].map((word) => [word, 'cryptomining'] as const),
  ['fraud', 'scam'],
]);

export function tagsOf(owners: readonly JsonRecord[]): Tags {
  let strictest = -1;
  let own: Partial<Record<string, string>> = {};
  let category: string | undefined;
  for (const tag of owners.flatMap((owner) => recordsOf(owner['Tag']))) {
    const name = textOf(tag['name'])?.trim();
    if (name === undefined) continue;
    const tlp = tlpOf(name);
    if (tlp !== undefined) strictest = Math.max(strictest, TLPS.indexOf(tlp));
    const machine = /^([^:"=]+):([^:"=]+)="([^"]*)"$/.exec(name);
    if (machine?.[1] === OWN_NAMESPACE_TAG) own = { ...own, [machine[2]!]: machine[3]! };
    const word = (machine?.[3] ?? name.slice(name.lastIndexOf(':') + 1))
      .toLowerCase()
      .replaceAll(/[ _]/g, '-');
    category ??= CATEGORIES.get(word);
  }
  const { confidence, severity } = own;
  return {
    tlp: TLPS[strictest],
    category: own['category'] ?? category,
    severity:
      severity === 'low' || severity === 'medium' || severity === 'high' || severity === 'critical'
        ? severity
        : undefined,
    confidence:
      confidence !== undefined && /^(?:100|\d{1,2})$/.test(confidence) ? Number(confidence) : undefined,
  };
}

/** `tlp:amber+strict`; `tlp:white` of TLP 1.0 is `clear`, the old `tlp:ex:chr` is not known. */
function tlpOf(tag: string): Tlp | undefined {
  const word = /^tlp:\s*(?:[a-z]+=)?"?([a-z+]+)"?$/i.exec(tag)?.[1]?.toLowerCase();
  return word === 'white' ? 'clear' : TLPS.find((tlp) => tlp === word);
}
