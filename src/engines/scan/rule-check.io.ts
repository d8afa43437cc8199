/** The thread that tries a rule set before it is taken: compiling a large one takes seconds. Ends with its answer. */
import { parentPort, workerData } from 'node:worker_threads';
import type { RuleSource } from './job.ts';
import { loadYara } from './yara-library.io.ts';
import { type RuleProblem, ruleProblems } from './rule-problems.ts';

export type RuleCheck =
  | { readonly kind: 'checked'; readonly problems: readonly RuleProblem[] }
  | { readonly kind: 'unavailable'; readonly why: string };

// Only `checkRules` starts this file, and it hands the sources over.
const sources = workerData as readonly RuleSource[];
const library = loadYara();
const answer: RuleCheck =
  'why' in library
    ? { kind: 'unavailable', why: library.why }
    : { kind: 'checked', problems: sources.flatMap((source) => ruleProblems(library, source)) };
parentPort?.postMessage(answer);
