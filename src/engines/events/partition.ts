/**
 * The store is one file a day, and a further one where a day grows large: whole files are removed when they are
 * old, and a damaged file loses one day. Names sort by time: `20261124-00.db`.
 */
const NAME = /^(\d{8}-\d{2})\.db$/;

export function partitionOf(fileName: string): string | undefined {
  return NAME.exec(fileName)?.[1];
}

export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10).replaceAll('-', '');
}

/** The first millisecond of a partition's day. */
export function startOf(partition: string): number {
  return Date.parse(`${partition.slice(0, 4)}-${partition.slice(4, 6)}-${partition.slice(6, 8)}T00:00:00Z`);
}

export function nextPartition(day: string, last: string | undefined): string {
  const number = last !== undefined && last.startsWith(day) ? Number(last.slice(9)) + 1 : 0;
  return `${day}-${String(number).padStart(2, '0')}`;
}

export interface Position {
  readonly partition: string;
  /** Row number in it. */
  readonly row: number;
}

export function formatPosition({ partition, row }: Position): string {
  return `${partition}.${row}`;
}

/** `undefined`: nobody got this from us. */
export function parsePosition(text: string): Position | undefined {
  const match = /^(\d{8}-\d{2})\.(\d{1,15})$/.exec(text);
  return match === null ? undefined : { partition: match[1]!, row: Number(match[2]) };
}
