/** Longer ones are no links that anybody clicks. */
const LINK_MAX = 2048;
/** Names of vocabularies, which stand in every file of their kind and lead nowhere. */
const VOCABULARIES =
  /^https?:\/\/(?:www\.w3\.org\/|schemas\.(?:openxmlformats|microsoft|xmlsoap)\.(?:org|com)\/|purl\.org\/|ns\.adobe\.com\/|docs\.oasis-open\.org\/ns\/|openoffice\.org\/)/i;
/** 1 for what ends a link: white space, control characters, and what RFC 3986 has no place for. */
const ENDS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte <= 0x20 || byte === 0x7f || byte === 0xa0 || '"\'<>\\^`{|}'.includes(String.fromCharCode(byte))
    ? 1
    : 0,
);
const COLON = Buffer.from('://');

/** Links inside the query of another that are taken; more are no redirection but an attempt to keep us busy. */
const NESTED_MAX = 8;

/**
 * The http and https links in a piece of text, each once, in order, also those inside of others; entities of HTML
 * are not decoded but `&amp;`. Linear in the text.
 */
export function linksIn(bytes: Buffer): Iterable<string> {
  const seen = new Set<string>();
  const found = new Set<string>();
  let end = 0;
  let nested = 0;
  for (let at = bytes.indexOf(COLON); at >= 0; at = bytes.indexOf(COLON, at)) {
    const start = at - schemeBefore(bytes, at);
    const rest = at + COLON.length;
    if (start === at) {
      at = rest;
      continue;
    }
    if (at >= end) {
      end = endOf(bytes, rest);
      nested = 0;
    } else {
      nested++;
    }
    at = nested >= NESTED_MAX ? end : rest;
    const raw = bytes.toString('latin1', start, end);
    if (seen.has(raw)) continue;
    seen.add(raw);
    const link = raw.replaceAll('&amp;', '&').replace(/[.,;:!?)\]]{1,100}$/, '');
    if (link.length > rest - start && !VOCABULARIES.test(link)) found.add(link);
  }
  return found;
}

function endOf(bytes: Buffer, from: number): number {
  const stop = Math.min(bytes.length, from + LINK_MAX);
  let end = from;
  while (end < stop && ENDS[bytes[end]!] === 0) end++;
  return end;
}

/** How long the `http` or `https` is that ends here; 0: something else does. */
function schemeBefore(bytes: Buffer, end: number): number {
  const isSecure = (bytes[end - 1]! | 0x20) === 0x73;
  const length = isSecure ? 5 : 4;
  const from = end - length;
  if (from < 0) return 0;
  // Letters of either case: `h`, `t`, `t`, `p`.
  return (bytes[from]! | 0x20) === 0x68 &&
    (bytes[from + 1]! | 0x20) === 0x74 &&
    (bytes[from + 2]! | 0x20) === 0x74 &&
    (bytes[from + 3]! | 0x20) === 0x70
    ? length
    : 0;
}
