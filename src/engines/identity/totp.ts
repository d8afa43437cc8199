import { createHmac, timingSafeEqual } from 'node:crypto';

/** RFC 6238 with the values that every authenticator knows: HMAC-SHA-1, steps of 30 seconds, 6 digits. */
const STEP_MS = 30_000;
const DIGITS = 6;
/** RFC 4226 §4 R6 recommends 160 bits. */
export const TOTP_SECRET_BYTES = 20;
/** RFC 6238 §5.2: one step of delay each way. */
const DRIFT_STEPS = 1;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function totpAt(secret: Uint8Array, timeMs: number): string {
  return hotp(secret, Math.floor(timeMs / STEP_MS));
}

/**
 * The time step whose code this is; `undefined`: of none near `nowMs` that is later than `lastStep`. RFC 6238 §5.2: a
 * code is taken once. A `lastStep` that is still to come was taken while the clock was ahead: it must not lock its owner
 * out until then, and no code of it fits now.
 */
export function totpStep(
  secret: Uint8Array,
  code: string,
  nowMs: number,
  lastStep: number,
): number | undefined {
  const given = code.replaceAll(/[\s-]/g, '');
  if (!/^\d{6}$/.test(given)) return undefined;
  const now = Math.floor(nowMs / STEP_MS);
  const last = lastStep > now + DRIFT_STEPS ? 0 : lastStep;
  let found: number | undefined;
  for (let step = now - DRIFT_STEPS; step <= now + DRIFT_STEPS; step++) {
    const isSame = timingSafeEqual(Buffer.from(hotp(secret, step)), Buffer.from(given));
    if (isSame && step > last) found ??= step;
  }
  return found;
}

/** What authenticators read from a QR code, and take typed in. */
export function totpUri(secret: Uint8Array, user: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(user)}`;
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`;
}

/** RFC 4648 §6 without padding. */
export function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32[(value << (5 - bits)) & 31];
}

/** RFC 4226 §5.3. */
function hotp(secret: Uint8Array, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(Math.max(0, counter)));
  const mac = createHmac('sha1', secret).update(message).digest();
  const offset = mac[mac.length - 1]! & 15;
  const value = (mac.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 10 ** DIGITS;
  return String(value).padStart(DIGITS, '0');
}
