import { relative, resolve } from 'node:path';
import { inspect } from 'node:util';

/** The last line that the reporter writes, for `run-suites.ts`. */
export const COUNTS_MARK = '::counts ';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly file?: string;
    readonly line?: number;
    readonly skip?: string | boolean;
    readonly message?: string;
    readonly details?: { readonly type?: string; readonly error?: { readonly cause?: unknown } };
  };
}

/** For `node --test --test-reporter`: says what failed and what was skipped, and counts. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (data.details?.type === 'suite' && type === 'test:pass') continue;
    if (type === 'test:pass' && data.skip !== undefined && data.skip !== false) {
      counts.skipped++;
      yield `    skipped: ${data.name}${typeof data.skip === 'string' ? ` (${data.skip})` : ''}\n`;
    } else if (type === 'test:pass' && isFile(data)) {
      counts.failed++;
      yield `    FAILED: ${data.name} ended without having run a test\n`;
    } else if (type === 'test:pass') counts.passed++;
    else if (type === 'test:fail') {
      counts.failed++;
      yield failure(data);
    } else if (type === 'test:stderr') yield data.message ?? '';
  }
  yield `${COUNTS_MARK}${JSON.stringify(counts)}\n`;
}

/** Node reports a file itself where none of its tests has finished; it calls that a success when the exit code is 0. */
function isFile({ name, file }: TestEvent['data']): boolean {
  return file !== undefined && resolve(name) === resolve(file);
}

function failure({ name, file, line, details }: TestEvent['data']): string {
  const where = file === undefined ? '' : ` (${relative('.', file)}:${line ?? 1})`;
  const error = details?.error?.cause ?? details?.error;
  const text = error instanceof Error ? (error.stack ?? error.message) : inspect(error);
  return `    FAILED: ${name}${where}\n${text.replace(/^/gm, '      ')}\n`;
}
