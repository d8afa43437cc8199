import type { LogDetail, Page } from './decision.ts';

/**
 * A checked document as plain data: it travels from control to the edges, which load neither YAML nor schemas.
 * Values are normalized: lists are lists, sizes are bytes, names are lower case where case means nothing.
 */
export interface PolicyDocument {
  readonly version: 1;
  readonly lists: Readonly<Record<string, NamedList>>;
  readonly schedules: Readonly<Record<string, readonly TimeSpan[]>>;
  readonly rules: readonly RuleDocument[];
  readonly default: 'allow' | 'block';
}

export const LIST_KINDS = ['hosts', 'urls', 'networks', 'users'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

export interface NamedList {
  readonly kind: ListKind;
  readonly entries: readonly string[];
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** From a minute of the day to another, in a time zone; `to` before `from` ends on the next day. */
export interface TimeSpan {
  readonly zone: string;
  readonly days: readonly Day[];
  readonly fromMinute: number;
  /** Up to 1440. */
  readonly toMinute: number;
}

export interface RuleDocument {
  readonly name: string;
  /** Where it stands in the text. */
  readonly line: number;
  readonly enabled: boolean;
  readonly note: string;
  readonly when: Condition;
  readonly then: Actions;
}

/** Criteria by name, all of which must fit; `not` and `any` nest. The shape of a value is its criterion's. */
export interface Condition {
  readonly not?: readonly Condition[] | undefined;
  readonly any?: readonly Condition[] | undefined;
  readonly [criterion: string]: unknown;
}

export interface Actions {
  readonly allow?: true | undefined;
  readonly block?: Page | undefined;
  readonly warn?: Page | undefined;
  readonly monitor?: true | undefined;
  readonly scan?: string | undefined;
  readonly headers?: HeaderActions | undefined;
  readonly rate?: RateAction | undefined;
  readonly log?: LogDetail | undefined;
  readonly quarantine?: true | undefined;
}

export interface HeaderActions {
  readonly request: FieldEdit;
  readonly response: FieldEdit;
}

export interface FieldEdit {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

export interface RateAction {
  readonly requests: number;
  readonly perMs: number;
  readonly burst: number | undefined;
  readonly by: 'source' | 'user';
}

/** Shipped: no rule of its own, so that guards, lists and the default decide. */
export const DEFAULT_TEXT = `# The policy of a new gateway: the guards and the lists decide, and what nothing blocks is allowed.
version: 1
rules: []
default: allow
`;

export const DEFAULT_DOCUMENT: PolicyDocument = {
  version: 1,
  lists: {},
  schedules: {},
  rules: [],
  default: 'allow',
};
