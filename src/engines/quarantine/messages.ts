/** What edges ask control for the quarantine. */
export const METHODS = {
  reserve: 'quarantine.reserve',
  keep: 'quarantine.keep',
  drop: 'quarantine.drop',
  open: 'quarantine.open',
} as const;

export function recordIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A place for one item: its name, and the key that encrypts it, plain and as it stands in the file. */
export interface Place {
  readonly id: string;
  /** Base64. */
  readonly key: string;
  readonly wrappedKey: string;
}
