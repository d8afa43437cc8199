/**
 * One error class for the whole gateway. What differs between errors is data (code, kind, hint),
 * so callers branch on `kind` and `code`, never on a class or on message text.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(spec: ErrorSpec & { code: string }, details: Record<string, unknown>, options?: ErrorOptions) {
    super(fill(spec.message, details), options);
    this.code = spec.code;
    this.kind = spec.kind;
    this.hint = spec.hint === undefined ? undefined : fill(spec.hint, details);
    this.details = details;
  }
}

/**
 * Who can act on it:
 * - `peer`: the other end broke the protocol; answer, close, count, log at debug.
 * - `limit`: a configured bound was reached; answer, close, count, name the setting in the log.
 * - `unavailable`: something we depend on failed or timed out; may be retried.
 * - `config`: the operator must change a setting or the command; refuse to start, keep running on reload.
 * - `refused`: the caller may not do this, or the state forbids it.
 * - `bug`: an invariant of ours is false; drop the connection, log the stack, fail the test run.
 */
export type ErrorKind = 'peer' | 'limit' | 'unavailable' | 'config' | 'refused' | 'bug';

export interface ErrorSpec {
  readonly kind: ErrorKind;
  /** Template: `{name}` is replaced by `details.name`. No final full stop. */
  readonly message: string;
  /** What the reader should do next. A template like `message`. */
  readonly hint?: string;
  /** Process exit code when this error ends a command; 7 (the command failed) when absent. */
  readonly exit?: number;
}

export interface Raise {
  (details?: Record<string, unknown>, options?: ErrorOptions): GatewayError;
  /** What was declared; the reference is made from it. */
  readonly spec: ErrorSpec;
}

/** Declares a module's errors in one table. The key becomes the stable, documented code. */
export function defineErrors<const T extends Record<string, ErrorSpec>>(
  table: T,
): { readonly [K in keyof T]: Raise } {
  const raise = Object.entries(table).map(([code, spec]): [string, Raise] => [
    code,
    Object.assign(
      (details: Record<string, unknown> = {}, options?: ErrorOptions) =>
        new GatewayError({ ...spec, code }, { ...details, exit: spec.exit }, options),
      { spec },
    ),
  ]);
  // The entries were made from the keys of `table`, one for each.
  return Object.fromEntries(raise) as { readonly [K in keyof T]: Raise };
}

/** Exit codes of the process; stable, scripts rely on them. */
export const EXIT = {
  done: 0,
  bug: 1,
  usage: 2,
  portTaken: 3,
  state: 4,
  notRunning: 5,
  refused: 6,
  failed: 7,
  found: 10,
  incomplete: 11,
} as const;

/** The exit code that an error ends the process with. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof GatewayError)) return EXIT.bug;
  const exit = error.details['exit'];
  if (typeof exit === 'number') return exit;
  if (error.kind === 'bug') return EXIT.bug;
  if (error.kind === 'config') return EXIT.usage;
  return error.kind === 'refused' ? EXIT.refused : EXIT.failed;
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Compile-time proof that a `switch` over a union is complete; at run time, a bug. */
export function unreachable(value: never): never {
  throw new GatewayError(
    { code: 'KERNEL_UNREACHABLE', kind: 'bug', message: 'unhandled variant: {value}' },
    { value: JSON.stringify(value) },
  );
}

function fill(template: string, details: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (_, key: string) => String(details[key]));
}
