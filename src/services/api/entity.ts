import type { Input } from '../../kernel/index.ts';

/** How a thing is read; writes compare the same. */
export interface Entity {
  readonly words: string;
  readonly input: Input;
  /** Members that change by themselves. */
  readonly omit: readonly string[];
}

export function entityOf(
  words: string,
  named: Readonly<Record<string, string>>,
  omit: readonly string[] = [],
): Entity {
  return { words, input: { words: named, rest: [], options: {} }, omit };
}
