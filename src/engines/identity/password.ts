import { scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { PASSWORD_CHARS_MAX } from './credentials.ts';

/**
 * OWASP Password Storage Cheat Sheet, scrypt: N = 2^14, r = 8, p = 5 is one of its equivalent choices, and the
 * one that costs 16 MiB at a time instead of 128: a gateway on a small machine checks two at once. About 170 ms
 * of one core. The parameters stand in the hash, so they can be raised without a new password for everybody.
 */
const COST = { logN: 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const PASSWORD_CHARS_MIN = 12;

/** Why a password may not be set; `undefined`: it may. NIST SP 800-63B §5.1.1.2: length, no rules of composition. */
export function weaknessOf(password: string, user: string): string | undefined {
  if (password === '') return 'it is empty';
  if (Array.from(password).length < PASSWORD_CHARS_MIN)
    return `it has fewer than ${PASSWORD_CHARS_MIN} characters`;
  if (password.length > PASSWORD_CHARS_MAX) return `it has more than ${PASSWORD_CHARS_MAX} characters`;
  if (/\p{Cc}/u.test(password)) return 'it has control characters, which no login form can send';
  if (password.startsWith('spt_')) return 'it begins like a token';
  if (new Set(password).size < 4) return 'it repeats the same few characters';
  if (user.length > 3 && password.toLowerCase().replaceAll(user.toLowerCase(), '').length < 6) {
    return 'it is hardly more than the name of the user';
  }
  return undefined;
}

/** PHC string: `$scrypt$ln=14,r=8,p=5$<salt>$<hash>`. */
export async function hashPassword(password: string, random: (count: number) => Uint8Array): Promise<string> {
  const salt = random(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return `$scrypt$ln=${COST.logN},r=${COST.r},p=${COST.p}$${base64(salt)}$${base64(hash)}`;
}

/**
 * Takes the same time whether the user exists or not: without a hash, a derivation is made and thrown away.
 * A hash that cannot be read fits no password.
 */
export async function passwordFits(password: string, phc: string | null | undefined): Promise<boolean> {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
    phc ?? '',
  );
  if (match === null) {
    await derive(password, new Uint8Array(SALT_BYTES), COST);
    return false;
  }
  const [, logN, r, p, salt = '', hash = ''] = match;
  const expected = Buffer.from(hash, 'base64');
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, 'base64'), cost);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** In a thread of Node's pool. RFC 8265 §4.2.2 (OpaqueString): passwords are compared in NFC. */
function derive(password: string, salt: Uint8Array, { logN, r, p }: typeof COST): Promise<Buffer> {
  const N = 2 ** logN;
  const options: ScryptOptions = { N, r, p, maxmem: 2 * 128 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}
