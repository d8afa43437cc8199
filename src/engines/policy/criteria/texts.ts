const LINE_MAX = 256;

/** What names, categories and the like must be. */
export function lineProblem(text: string): string | undefined {
  return text === '' || text.length > LINE_MAX || /\p{Cc}/u.test(text)
    ? `must have 1 to ${LINE_MAX} characters on one line`
    : undefined;
}

const GLOB_MAX = 1024;

export function globProblem(text: string): string | undefined {
  return text === '' || text.length > GLOB_MAX || /\p{Cc}/u.test(text)
    ? `must be a pattern of 1 to ${GLOB_MAX} characters, in which * stands for anything`
    : undefined;
}

/** The media type of a Content-Type, in lower case and without its parameters. */
export function mediaTypeOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const semicolon = value.indexOf(';');
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
}
