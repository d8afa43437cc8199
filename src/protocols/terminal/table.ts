import type { Cell, Column, Tone, View } from '../../kernel/index.ts';
import type { Style } from './style.ts';
import { pad, printable, widthOf, wrap } from './text.ts';

const GAP = 2;
/** A column is not made narrower than this; where that is not enough, each row becomes a block of facts. */
const COLUMN_MIN = 6;

type Table = Extract<View, { kind: 'table' }>;

/** Aligned columns that fit the terminal: the widest give way first, their text wraps. */
export function tableLines(table: Table, style: Style): readonly string[] {
  if (table.rows.length === 0) return [style.paint('dim', '(none)')];
  const texts = table.rows.map((row) => row.map(textOf));
  const natural = table.columns.map((column, at) =>
    Math.max(widthOf(column.title), ...texts.map((row) => widest(row[at] ?? ''))),
  );
  const widths = fitted(natural, style.width);
  if (widths === undefined) return blocks(table, style);
  const hasTitles = table.columns.some((column) => column.title !== '');
  const titles = table.columns.map((column): Cell => ({ text: column.title, tone: 'strong' }));
  return [...(hasTitles ? [titles] : []), ...table.rows].flatMap((row) =>
    rowLines(row, table.columns, widths, style),
  );
}

/** Name and value side by side, values aligned and wrapped. */
export function factLines(facts: readonly (readonly [string, Cell])[], style: Style): readonly string[] {
  const nameWidth = Math.max(0, ...facts.map(([name]) => widthOf(name)));
  const columns: readonly Column[] = [{ title: '' }, { title: '' }];
  const valueWidth = style.width === undefined ? Infinity : style.width - nameWidth - GAP;
  return facts.flatMap(([name, value]) =>
    rowLines(
      [{ text: name, tone: 'dim' }, value],
      columns,
      [nameWidth, Math.max(COLUMN_MIN, valueWidth)],
      style,
    ),
  );
}

function rowLines(
  row: readonly Cell[],
  columns: readonly Column[],
  widths: readonly number[],
  style: Style,
): readonly string[] {
  const cells = columns.map((_, at) => wrap(textOf(row[at] ?? ''), widths[at]!));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    let text = '';
    columns.forEach((column, at) => {
      const part = cells[at]![line] ?? '';
      const isLast = at === columns.length - 1;
      const padded =
        isLast && column.align !== 'right' ? part : pad(part, widths[at]!, column.align ?? 'left');
      const painted = style.paint(toneOf(row[at]), part);
      text += padded.replace(part, () => painted) + (isLast ? '' : ' '.repeat(GAP));
    });
    return text.trimEnd();
  });
}

/** Takes from the widest columns until the sum fits; `undefined` when that leaves too little. */
function fitted(natural: readonly number[], width: number | undefined): readonly number[] | undefined {
  const gaps = GAP * (natural.length - 1);
  const room = width === undefined ? Infinity : width - gaps;
  const least = natural.map((each) => Math.min(each, COLUMN_MIN));
  if (sum(least) > room) return undefined;
  const widths = [...natural];
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    const at = widths.indexOf(Math.max(...widths));
    widths[at] = widths[at]! - 1;
  }
  return widths;
}

function blocks(table: Table, style: Style): readonly string[] {
  return table.rows.flatMap((row, at) => {
    const facts = table.columns.map((column, index) => [column.title, row[index] ?? ''] as const);
    return [...(at === 0 ? [] : ['']), ...factLines(facts, style)];
  });
}

function textOf(cell: Cell): string {
  return printable(typeof cell === 'object' ? cell.text : String(cell));
}

function toneOf(cell: Cell | undefined): Tone | undefined {
  return typeof cell === 'object' ? cell.tone : undefined;
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map(widthOf));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
