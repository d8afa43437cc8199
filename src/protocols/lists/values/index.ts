// What a single value is, for those who read no lists.
export type { ListValue } from '../entry.ts';
export { listValue } from '../value.ts';
