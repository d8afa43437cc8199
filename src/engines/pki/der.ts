/**
 * The part of DER (X.690) that certificates need. Every function returns a whole value: tag, length, content.
 */

/** Content of a class and form: length is definite and as short as possible (X.690 §10.1). */
export function tagged(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const size: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
  return Buffer.concat([Buffer.of(tag, 0x80 | size.length, ...size), content]);
}

export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, Buffer.concat(items));
}

export function set(...items: readonly Uint8Array[]): Uint8Array {
  return tagged(0x31, Buffer.concat(items));
}

/** A number that is not negative, from its bytes, largest first. */
export function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const short = bytes.subarray(start);
  // A first bit of 1 would be a sign (X.690 §8.3).
  return tagged(
    0x02,
    (short[0] ?? 0) >= 0x80
      ? Buffer.concat([Buffer.of(0), short])
      : short.length === 0
        ? Buffer.of(0)
        : short,
  );
}

export function boolean(value: boolean): Uint8Array {
  return tagged(0x01, Buffer.of(value ? 0xff : 0x00));
}

export function octetString(content: Uint8Array): Uint8Array {
  return tagged(0x04, content);
}

/** All bits of the bytes, or without the last `unused` ones. */
export function bitString(content: Uint8Array, unused = 0): Uint8Array {
  return tagged(0x03, Buffer.concat([Buffer.of(unused), content]));
}

export function utf8String(text: string): Uint8Array {
  return tagged(0x0c, Buffer.from(text, 'utf8'));
}

/** `2.5.29.17`. Each arc in base 128, the first two together (X.690 §8.19). */
export function objectIdentifier(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left % 128));
    return groups;
  });
  return tagged(0x06, Buffer.from(bytes));
}

/** RFC 5280 §4.1.2.5: UTCTime until 2049, GeneralizedTime after; whole seconds, UTC. */
export function time(ms: number): Uint8Array {
  const digits = new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  const long = Number(digits.slice(0, 4)) >= 2050;
  return tagged(long ? 0x18 : 0x17, Buffer.from(long ? digits : digits.slice(2), 'latin1'));
}

/** `[number]`, constructed: wraps a value (EXPLICIT), or stands for its tag (IMPLICIT of a constructed type). */
export function context(number: number, content: Uint8Array): Uint8Array {
  return tagged(0xa0 | number, content);
}

/** `[number]`, primitive: stands for the tag of a primitive type (IMPLICIT). */
export function contextPrimitive(number: number, content: Uint8Array): Uint8Array {
  return tagged(0x80 | number, content);
}
