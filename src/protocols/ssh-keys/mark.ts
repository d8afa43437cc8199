import { fingerprint, parseKeyLine } from './public-key.ts';

/** How keys and certificates are named that no longer sign in. */
const MARK = /^(?:SHA256:[A-Za-z0-9+/]{43}|serial:(?:0|[1-9]\d{0,19})|id:[^\p{C}]{1,200})$/u;

/** `SHA256:…` of a key or an authority, `serial:42` or `id:alice` of a certificate. */
export function isMark(text: string): boolean {
  return MARK.test(text);
}

/** A mark as somebody wrote it, or the fingerprint of the key that they gave instead; `undefined`: neither. */
export function markOf(text: string): string | undefined {
  const key = parseKeyLine(text);
  return key === undefined ? (isMark(text) ? text : undefined) : fingerprint(key.key.blob);
}
