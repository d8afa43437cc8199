/**
 * The IPv4 address that a resolver makes of a host name such as `3279880203`, `0x12.0x43.0x44.1` or
 * `276.2.3` (inet_aton: one to four numbers, decimal, octal or hexadecimal, the last one fills the rest).
 * `undefined` when the text is no such form.
 */
export function ipv4OfForms(host: string): string | undefined {
  // Windows reads four numbers and ignores what follows a space, up to 15 characters in all.
  const space = host.length <= 15 ? host.indexOf(' ') : -1;
  const parts = (space > 0 ? host.slice(0, space) : host).split('.', 5);
  if (parts.length > 4) return undefined;
  let value = 0;
  for (let i = 0; i < parts.length; i++) {
    const number = numberOf(parts[i]!);
    if (number === undefined) return undefined;
    const isLast = i === parts.length - 1;
    // The Safe Browsing clients keep the low bits of a number that is too large for its place.
    value = isLast ? value * 256 ** (4 - i) + (number % 256 ** (4 - i)) : value * 256 + (number % 256);
  }
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function numberOf(text: string): number | undefined {
  if (text.length === 0 || text.length > 32) return undefined;
  const value = /^0x[0-9a-f]+$/i.test(text)
    ? Number.parseInt(text.slice(2), 16)
    : /^0[0-7]*$/.test(text)
      ? Number.parseInt(text, 8)
      : /^[1-9][0-9]*$/.test(text)
        ? Number(text)
        : Number.NaN;
  return value <= 0xffff_ffff ? value : undefined;
}
