import { messageOf } from '../../kernel/index.ts';
import type { RuleSource } from './job.ts';
import { COMPILE_OPTIONS, type YaraLibrary } from './yara.ts';

/** One mistake in a rule file. */
export interface RuleProblem {
  readonly file: string;
  /** 0: the library does not say. */
  readonly line: number;
  readonly message: string;
}

/** Every mistake that the library finds in one file. */
export function ruleProblems(library: YaraLibrary, { namespace, text }: RuleSource): readonly RuleProblem[] {
  const read = (message: string): RuleProblem => ({
    file: namespace,
    line: Number(/--> line:(\d{1,9})/.exec(message)?.[1] ?? 0),
    message: (message.split('\n', 1)[0] ?? '').replace(/^error(?:\[\w+\])?: /, ''),
  });
  const { errors } = library.validate(text, COMPILE_OPTIONS);
  if (errors.length > 0) return errors.map(({ message }) => read(message));
  try {
    library.compile('', COMPILE_OPTIONS).addRuleSource(text, namespace);
    return [];
  } catch (error) {
    return [read(messageOf(error).replace(/^Compilation error \(\w+\): /, ''))];
  }
}
