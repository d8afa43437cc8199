/** Longer ones are no links that anybody clicks. */
const LINK_MAX = 2048;
/** Names of vocabularies, which stand in every file of their kind and lead nowhere. */
const VOCABULARIES =
  /^https?:\/\/(?:www\.w3\.org\/|schemas\.(?:openxmlformats|microsoft|xmlsoap)\.(?:org|com)\/|purl\.org\/|ns\.adobe\.com\/|docs\.oasis-open\.org\/ns\/|openoffice\.org\/)/i;

/** The http and https links in a piece of text, each once, in order; entities of HTML are not decoded but `&amp;`. */
export function linksIn(bytes: Buffer): Iterable<string> {
  if (bytes.indexOf('://') < 0) return [];
  const found = new Set<string>();
  const text = bytes.toString('latin1');
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    const scheme = /https?$/i.exec(text.slice(Math.max(0, at - 5), at));
    if (scheme === null) continue;
    const start = at - scheme[0].length;
    const rest = /^[^\s"'<>\\^`{|}\0-\x20\x7f]+/.exec(text.slice(at, at + LINK_MAX));
    if (rest === null) continue;
    const link = `${text.slice(start, at)}${rest[0]}`.replaceAll('&amp;', '&').replace(/[.,;:!?)\]]+$/, '');
    if (link.length > at - start + 4 && !VOCABULARIES.test(link)) found.add(link);
  }
  return found;
}
