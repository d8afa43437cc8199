/** Tests a text against a pattern in time linear in both. */
export type TextTest = (text: string) => boolean;

/**
 * A pattern in which `*` stands for any number of characters, and nothing else has a meaning. There are no regular
 * expressions of operators anywhere: their cost has no bound that a person could see.
 */
export function compileGlob(pattern: string): TextTest {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  if (pieces.length === 1) return (text) => text === first;
  const last = pieces.at(-1) ?? '';
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  const least = first.length + last.length;
  return (text) => {
    if (text.length < least || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    const end = text.length - last.length;
    // The leftmost place of each piece leaves the most room for the next.
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return at <= end;
  };
}
