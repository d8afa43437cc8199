const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A text as the signs that a cursor stops at. */
export function cellsOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** ASCII never joins what stands before it. */
export function isPlain(cell: string): boolean {
  return cell.length === 1 && cell < '\u007F';
}

/** Where the word begins that stands before a place. */
export function wordStart(cells: readonly string[], from: number): number {
  let at = from;
  while (at > 0 && !isWord(cells[at - 1]!)) at--;
  while (at > 0 && isWord(cells[at - 1]!)) at--;
  return at;
}

/** Where the word ends that stands behind a place. */
export function wordEnd(cells: readonly string[], from: number): number {
  let at = from;
  while (at < cells.length && !isWord(cells[at]!)) at++;
  while (at < cells.length && isWord(cells[at]!)) at++;
  return at;
}

/** The same for words that only spaces part. */
export function blankBefore(cells: readonly string[], from: number): number {
  let at = from;
  while (at > 0 && cells[at - 1] === ' ') at--;
  while (at > 0 && cells[at - 1] !== ' ') at--;
  return at;
}

function isWord(cell: string): boolean {
  return /[\p{L}\p{N}]/u.test(cell);
}
