/** One mistake of a rule set. */
export interface RuleProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

const PROBLEM = /(\S+) line (\d+): (.*?)(?=; \S+ line \d+: |$)/g;

/** `…: office/a line 1: unknown identifier; office/b line 2: …` → its mistakes; empty: it is another kind of error. */
export function problemsIn(message: string): readonly RuleProblem[] {
  return [...message.matchAll(PROBLEM)].map(([, file = '', line, text = '']) => ({
    file,
    line: Number(line),
    message: text,
  }));
}
