const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a of the UTF-16 units of a piece of text, 32 bits, spread by the last steps of MurmurHash3. */
export function hashText(text: string, start = 0, end = text.length, seed = OFFSET): number {
  let hash = seed;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return spread(hash);
}

/** A seed of its own for each kind of token, so that `login` in a path and in a host are two things. */
export function seedOf(kind: string): number {
  return hashText(kind);
}

/** Every bit of the input reaches every bit of the result. */
export function spread(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
