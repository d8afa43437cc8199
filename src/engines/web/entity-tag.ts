import { createHash } from 'node:crypto';

/** A strong validator (RFC 9110 §8.8.3) of a document without the members that change by themselves. */
export function entityTag(document: unknown, omit: readonly string[] = []): string {
  const text = JSON.stringify(document, (name, value: unknown) => (omit.includes(name) ? undefined : value));
  return `"${createHash('sha256')
    .update(text ?? '')
    .digest('base64url')
    .slice(0, 22)}"`;
}

/** Whether a list of tags (`If-Match`, `If-None-Match`) names this one. A weak tag is compared without its mark. */
export function namesTag(list: string, tag: string): boolean {
  if (list.trim() === '*') return true;
  return list.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}
