/** What edges ask control for file reputation, and what control asks edges. */
export const METHODS = {
  make: 'hashlookup.session.make',
  add: 'hashlookup.session.add',
  content: 'hashlookup.session.content',
  relations: 'hashlookup.relations',
  top: 'hashlookup.top',
  submit: 'reputation.submit',
  submitted: 'reputation.submitted',
} as const;

/** Asked of every edge: its share of the most asked values. */
export const TOP_TOPIC = 'hashlookup.top';

export function recordIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

export function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
