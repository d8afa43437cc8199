import { TLPS, type Tlp } from '../../kernel/index.ts';

/** Namespace of the ids of our own objects. Not that of observables, which §2.9 keeps for those alone. */
export const OWN_NAMESPACE = '6c1a8d52-4c0e-5b6f-9d0b-3a6a2f1f7e11';

/** Marks the properties that indicators have with us and that STIX has no place for (STIX 2.1 §7.3). */
export const OWN_EXTENSION_ID = 'extension-definition--f5b1f1a4-7a0e-4d6d-8d53-1c6d5f0f6b52';

/** STIX 2.1 carries TLP 2.0 as an extension of the marking definition (OASIS common objects, TLP 2.0). */
export const TLP_EXTENSION_ID = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';

/** Marking definitions of TLP 2.0 (OASIS common objects): `created` of all is 1 October 2022. */
export const TLP_MARKINGS: Readonly<Record<Tlp, string>> = {
  clear: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  green: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  amber: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'amber+strict': 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  red: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
};
export const TLP_MARKINGS_CREATED = '2022-10-01T00:00:00.000Z';

/** Marking definitions of TLP 1.0 (STIX 2.0 part 1 §4.1.4, STIX 2.1 §7.2.1.4). */
const TLP_1_MARKINGS: Readonly<Record<string, Tlp>> = {
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'clear',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'green',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'amber',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'red',
};

export const TLP_OF_MARKING: ReadonlyMap<string, Tlp> = new Map([
  ...Object.entries(TLP_1_MARKINGS),
  ...TLPS.map((tlp) => [TLP_MARKINGS[tlp], tlp] as const),
]);

/** `TLP:AMBER+STRICT`, `tlp:white`, `amber`: what it says in TLP 2.0. */
export function tlpOf(text: string): Tlp | undefined {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/^tlp:\s*/, '');
  if (word === 'white') return 'clear';
  return TLPS.find((tlp) => tlp === word);
}

/**
 * Words of `labels` and `indicator_types` that become the category of an entry. Labels say more (`phishing`) than
 * the types (`malicious-activity`), so they come first; a word that is not here says nothing about the category.
 */
const CATEGORIES: ReadonlyMap<string, string> = new Map([
  ...['phishing', 'malware', 'ransomware', 'botnet', 'spam', 'scam', 'cryptomining', 'exploit'].map(
    (word) => [word, word] as const,
  ),
  ...['c2', 'c&c', 'cc', 'command-and-control', 'botnet-cc'].map((word) => [word, 'botnet-cc'] as const),
  ...['trojan', 'spyware', 'stealer', 'infostealer', 'rat', 'backdoor', 'dropper', 'wiper'].map(
    (word) => [word, 'malware'] as const,
  ),
  ...['coinminer', 'cryptojacking', 'miner'].map((word) => [word, 'cryptomining'] as const),
  ...['fraud', 'financial-fraud'].map((word) => [word, 'scam'] as const),
  ...['exploit-kit', 'exploitkit'].map((word) => [word, 'exploit'] as const),
  // indicator-type-ov (STIX 2.1 §10.9) and indicator-label-ov (STIX 2.0 part 2 §6.5). `benign` is no category,
  // `attribution` and `unknown` say nothing about what the value does.
  ...['malicious-activity', 'anomalous-activity', 'anonymization', 'compromised'].map(
    (word) => [word, word] as const,
  ),
]);

/** The category that the first of these words stands for. */
export function categoryOf(labels: readonly string[], types: readonly string[]): string | undefined {
  const known = [...labels, ...types].flatMap((word) => {
    const category = CATEGORIES.get(word.trim().toLowerCase().replaceAll(/[ _]/g, '-'));
    return category === undefined ? [] : [category];
  });
  // What STIX itself calls an activity says less than any label, wherever it stands.
  return known.find((category) => !category.endsWith('-activity')) ?? known[0];
}

/** The word of indicator-type-ov for an entry of ours. */
export function indicatorTypeOf(action: 'allow' | 'block', category: string): string {
  if (action === 'allow') return 'benign';
  return category === 'anomalous-activity' || category === 'anonymization' || category === 'compromised'
    ? category
    : 'malicious-activity';
}
