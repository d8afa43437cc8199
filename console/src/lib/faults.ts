import { ApiProblem } from '../../../client/index.ts';

/** One fault of a document that was sent, where the gateway names its place. */
export interface Fault {
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
  readonly message: string;
  readonly hint?: string;
}

/** `line:column path: message`, and the hint in a line of its own. */
const FAULT = /^ {2}(\d+):(\d+) (?:([^\s:]+): )?(.+)(?:\n {6}(.+))?$/gm;

/** The faults of a document with their places; empty: it is another kind of error. */
export function faultsOf(error: Error): readonly Fault[] {
  if (!(error instanceof ApiProblem) || error.status !== 400) return [];
  const named = 'problems' in error.problem ? error.problem.problems : undefined;
  if (Array.isArray(named) && named.length > 0) return named as readonly Fault[];
  return [...error.message.matchAll(FAULT)].map(([, line, column, path, message = '', hint]) => ({
    line: Number(line),
    column: Number(column),
    message,
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
  }));
}
