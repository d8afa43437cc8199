/** What somebody shows. A token under the scheme of a password is a token all the same. */
export type Credentials =
  | { readonly scheme: 'basic'; readonly user: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'api-key'; readonly token: string };

/** Longer passwords are refused when they are set, so that they need not be hashed when they arrive. */
export const PASSWORD_CHARS_MAX = 1024;
const USER_CHARS_MAX = 128;
const CREDENTIALS_CHARS_MAX = 8192;

/**
 * The value of `Authorization` or `Proxy-Authorization` (RFC 9110 §11.6.2): Basic (RFC 7617) or Bearer
 * (RFC 6750 §2.1). `missing` also for schemes that we do not speak: the client should try one of ours.
 */
export function parseAuthorization(text: string | undefined): Credentials | 'missing' | 'malformed' {
  if (text === undefined || text === '') return 'missing';
  if (text.length > CREDENTIALS_CHARS_MAX) return 'malformed';
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +([^ ].*))?$/.exec(text);
  if (match === null) return 'malformed';
  const value = (match[2] ?? '').trimEnd();
  const scheme = match[1]?.toLowerCase();
  if (scheme === 'bearer') return /^[\w.~+/-]+=*$/.test(value) ? { scheme, token: value } : 'malformed';
  if (scheme !== 'basic') return 'missing';
  return parseBasic(value) ?? 'malformed';
}

function parseBasic(value: string): Credentials | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
  let pair: string;
  try {
    pair = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'base64'));
  } catch {
    // Not UTF-8, which is the only charset that we announce (RFC 7617 §2.1).
    return undefined;
  }
  const colon = pair.indexOf(':');
  // RFC 7617 §2: neither part holds control characters.
  if (colon < 0 || /\p{Cc}/u.test(pair)) return undefined;
  return { scheme: 'basic', user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/** Whether it is worth asking: sizes that no account has are refused before any hashing. */
export function isPlausible(user: string, password: string): boolean {
  return (
    user.length > 0 &&
    user.length <= USER_CHARS_MAX &&
    password.length > 0 &&
    password.length <= PASSWORD_CHARS_MAX
  );
}
