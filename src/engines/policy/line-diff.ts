/** One line of a comparison. */
export interface DiffLine {
  readonly op: '+' | '-' | ' ';
  readonly text: string;
}

/** Cells of the table that compares the lines in the middle; larger changes are shown as one block. */
const CELLS_MAX = 4_000_000;
const CONTEXT_LINES = 3;

/** What must be taken out and put in to make `after` of `before`: the longest common subsequence stays. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const middle = compare(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const same = (lines: readonly string[]): readonly DiffLine[] => lines.map((text) => ({ op: ' ', text }));
  return [...same(a.slice(0, head)), ...middle, ...same(tail === 0 ? [] : a.slice(-tail))];
}

function compare(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  const width = b.length + 1;
  if ((a.length + 1) * width > CELLS_MAX) {
    return [
      ...a.map((text): DiffLine => ({ op: '-', text })),
      ...b.map((text): DiffLine => ({ op: '+', text })),
    ];
  }
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const down = i < a.length ? longest[(i + 1) * width + j]! : -1;
    const right = j < b.length ? longest[i * width + j + 1]! : -1;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ op: ' ', text: a[i]! });
      i++;
      j++;
    } else if (down >= right) lines.push({ op: '-', text: a[i++]! });
    else lines.push({ op: '+', text: b[j++]! });
  }
  return lines;
}

/** Changed lines with a few around them. */
export function withContext(lines: readonly DiffLine[]): readonly DiffLine[] {
  const near = new Set<number>();
  for (const [at, { op }] of lines.entries()) {
    if (op === ' ') continue;
    for (let other = at - CONTEXT_LINES; other <= at + CONTEXT_LINES; other++) near.add(other);
  }
  return lines.flatMap((line, at) => {
    if (near.has(at)) return [line];
    return near.has(at - 1) ? [{ op: ' ' as const, text: '…' }] : [];
  });
}
