/** The STIX patterning language (STIX 2.1 §9; STIX 2.0 part 5) as a tree. */

/** Where something stands in the text of the pattern; `end` is behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Observation = Span &
  (
    | { readonly type: 'observation'; readonly comparison: Comparison }
    | { readonly type: 'and' | 'or' | 'followed-by'; readonly parts: readonly Observation[] }
    | { readonly type: 'qualified'; readonly observation: Observation; readonly qualifier: Qualifier }
  );

export type Qualifier =
  | { readonly type: 'within'; readonly seconds: number }
  | { readonly type: 'repeats'; readonly times: number }
  | { readonly type: 'start-stop'; readonly startMs: number; readonly stopMs: number };

export type Comparison = Span &
  ({ readonly type: 'and' | 'or'; readonly parts: readonly Comparison[] } | Test);

export interface Test extends Span {
  readonly type: 'test';
  readonly path: ObjectPath;
  readonly operator: Operator;
  readonly isNegated: boolean;
  /** One, but for `IN` (any number) and `EXISTS` (none). */
  readonly literals: readonly Literal[];
}

export type Operator =
  | '='
  | '!='
  | '>'
  | '<'
  | '>='
  | '<='
  | 'IN'
  | 'LIKE'
  | 'MATCHES'
  | 'ISSUBSET'
  | 'ISSUPERSET'
  | 'EXISTS';

/** `file:hashes.'SHA-256'` is type `file` with the steps `hashes` and `SHA-256`; `[*]` and `[2]` are steps, too. */
export interface ObjectPath {
  readonly type: string;
  readonly steps: readonly (string | number | Any)[];
}

export interface Any {
  readonly any: true;
}

export type Literal =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'bytes'; readonly value: Uint8Array }
  | { readonly type: 'timestamp'; readonly value: string; readonly ms: number };

/** `position` counts UTF-16 units from 0. */
export interface PatternError {
  readonly position: number;
  readonly message: string;
}

export interface PatternLimits {
  readonly charsMax: number;
  /** Parentheses inside parentheses, of observations and comparisons together. */
  readonly depthMax: number;
}

/** The longest pattern in public collections has some 30,000 characters, and parentheses three deep. */
export const PATTERN_LIMITS: PatternLimits = { charsMax: 262_144, depthMax: 32 };

/** `network-traffic:dst_ref.value`, as a text to look up in a table; indexes are `[*]` whatever they were. */
export function pathText({ type, steps }: ObjectPath): string {
  let text = `${type}:`;
  steps.forEach((step, at) => {
    if (typeof step !== 'string') text += '[*]';
    else text += at === 0 ? step : `.${step}`;
  });
  return text;
}
