import { matchesLower } from './chars.ts';

/** Fields that a hop must understand; every other name is `OTHER`. Small numbers: they are bits in a set. */
export const FIELD = {
  OTHER: 0,
  HOST: 1,
  CONTENT_LENGTH: 2,
  TRANSFER_ENCODING: 3,
  CONNECTION: 4,
  UPGRADE: 5,
  EXPECT: 6,
  TRAILER: 7,
  KEEP_ALIVE: 8,
  PROXY_CONNECTION: 9,
  PROXY_AUTHORIZATION: 10,
  PROXY_AUTHENTICATE: 11,
  PROXY_AUTHENTICATION_INFO: 12,
  TE: 13,
  HTTP2_SETTINGS: 14,
  /** A name that others may take for a framing field: `Transfer_Encoding`, `Content.Length`. */
  DISGUISED: 15,
} as const;

/** Which known field `bytes[from, to)` names, in any case. */
export function knownField(bytes: Uint8Array, from: number, to: number): number {
  switch (to - from) {
    case 2:
      return matchesLower(bytes, from, 'te') ? FIELD.TE : FIELD.OTHER;
    case 4:
      return matchesLower(bytes, from, 'host') ? FIELD.HOST : FIELD.OTHER;
    case 6:
      return matchesLower(bytes, from, 'expect') ? FIELD.EXPECT : FIELD.OTHER;
    case 7:
      if (matchesLower(bytes, from, 'upgrade')) return FIELD.UPGRADE;
      return matchesLower(bytes, from, 'trailer') ? FIELD.TRAILER : FIELD.OTHER;
    case 10:
      if (matchesLower(bytes, from, 'connection')) return FIELD.CONNECTION;
      return matchesLower(bytes, from, 'keep-alive') ? FIELD.KEEP_ALIVE : FIELD.OTHER;
    case 14:
      if (matchesLower(bytes, from, 'http2-settings')) return FIELD.HTTP2_SETTINGS;
      return framingField(bytes, from, 'content', 'length', FIELD.CONTENT_LENGTH);
    case 16:
      return matchesLower(bytes, from, 'proxy-connection') ? FIELD.PROXY_CONNECTION : FIELD.OTHER;
    case 17:
      return framingField(bytes, from, 'transfer', 'encoding', FIELD.TRANSFER_ENCODING);
    case 18:
      return matchesLower(bytes, from, 'proxy-authenticate') ? FIELD.PROXY_AUTHENTICATE : FIELD.OTHER;
    case 19:
      return matchesLower(bytes, from, 'proxy-authorization') ? FIELD.PROXY_AUTHORIZATION : FIELD.OTHER;
    case 25:
      return matchesLower(bytes, from, 'proxy-authentication-info')
        ? FIELD.PROXY_AUTHENTICATION_INFO
        : FIELD.OTHER;
    default:
      return FIELD.OTHER;
  }
}

/**
 * Gateways that hand fields on as variables (RFC 3875 §4.1.18) turn `-` into `_`, some turn every mark into `_`:
 * behind them `Transfer_Encoding` is `Transfer-Encoding`. So whatever stands between the two words makes it known.
 */
function framingField(bytes: Uint8Array, from: number, first: string, second: string, field: number): number {
  if (!matchesLower(bytes, from, first)) return FIELD.OTHER;
  const between = from + first.length;
  if (!matchesLower(bytes, between + 1, second)) return FIELD.OTHER;
  return bytes[between] === 0x2d ? field : FIELD.DISGUISED;
}
