import { parseDocument } from 'yaml';

/** The text of a settings file with other values at some keys, `listeners.icap.enabled`; comments stay. */
export function withSettings(
  text: string,
  changes: readonly (readonly [key: string, value: unknown])[],
): string {
  const document = parseDocument(text);
  for (const [key, value] of changes) document.setIn(key.split('.'), value);
  return document.toString();
}
