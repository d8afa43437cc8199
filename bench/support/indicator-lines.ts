/** Entries made from their number: the same in every run, and each of them known without a list. */

/** 40 % names, 30 % SHA-256, 20 % URLs, 10 % addresses. */
export function lineOf(at: number): string {
  const kind = at % 10;
  if (kind < 4) return domainOf(at);
  if (kind < 7) return sha256Of(at);
  if (kind < 9) return `http://${urlOf(at).join('')}`;
  const mixed = mix(at, 0);
  return `${(((at / 10) % 200) | 0) + 11}.${(mixed >>> 8) & 255}.${(mixed >>> 16) & 255}.${mixed & 255}`;
}

export function domainOf(at: number): string {
  return `${mix(at, 0).toString(36)}.zone${at % 4999}.example`;
}

/** Host and path. */
export function urlOf(at: number): readonly [string, string] {
  const mixed = mix(at, 1);
  return [`${mixed.toString(36)}.site${at % 997}.example`, `/files/${mixed.toString(16)}/index.html`];
}

/** Not the hash of anything: 64 digits that are spread like one. */
export function sha256Of(at: number): string {
  let text = '';
  for (let word = 0; word < 8; word++)
    text += mix(at, word + 2)
      .toString(16)
      .padStart(8, '0');
  return text;
}

function mix(at: number, salt: number): number {
  let word = Math.imul(at ^ Math.imul(salt, 0x27d4eb2f), 0x9e3779b1);
  word = Math.imul(word ^ (word >>> 15), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
