/** A problem document (RFC 9457): what went wrong, for programs first and for people too. */
export interface Problem {
  readonly status: number;
  /** Stable, lower case with hyphens: `https-required`. */
  readonly code: string;
  /** The same for every occurrence of the code. */
  readonly title: string;
  /** About this occurrence. Holds no secret. */
  readonly detail?: string;
  /** What the caller should do next. */
  readonly hint?: string;
  /** Members of our own. May not repeat one of the above. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** The document as JSON text with a line end, so that it reads well in a terminal. */
export function problemJson({ status, code, title, detail, hint, more }: Problem): string {
  // RFC 9457 §3.1.1: the type is an identifier; ours are not locations, so that they never go stale.
  const type = `urn:sallyport:problem:${code}`;
  return `${JSON.stringify({ type, title, status, detail, code, hint, ...more })}\n`;
}
