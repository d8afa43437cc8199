import { documentSection, type StateSection, type StateTransaction } from '../state/index.ts';

export const SECTION = 'policy';
/** The one entry of the section: the text as the operator wrote it, with its comments and lines. */
export const ENTRY = 'active';

/** Loads YAML and schemas at the first document that somebody wrote: neither edges nor a start need them. */
export async function loadReader() {
  return import('./read.ts');
}

export const policySection: StateSection = documentSection(SECTION, async (document) => {
  const others = Object.keys(document).filter((name) => name !== ENTRY);
  if (others.length > 0)
    return others.map((path) => ({ path, message: `unknown; the one entry is ${ENTRY}` }));
  const entry = document[ENTRY];
  if (entry === undefined) return [];
  const text = entry['text'];
  if (typeof text !== 'string' || Object.keys(entry).length !== 1) {
    return [{ path: ENTRY, message: 'expected text: and the policy as a block of text' }];
  }
  const { readPolicy } = await loadReader();
  return readPolicy(text).problems.map(({ line, path, message }) => ({
    path: `${ENTRY}.text`,
    message: `line ${line ?? 1}, ${path}: ${message}`,
  }));
});

/** The stored text; `undefined`: the shipped policy. */
export async function readText(tx: StateTransaction): Promise<string | undefined> {
  const text = (await policySection.read(tx))[ENTRY]?.['text'];
  return typeof text === 'string' ? text : undefined;
}
