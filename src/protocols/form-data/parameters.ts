/** A field value of the form `form-data; name="file"; filename="a.txt"`. */
export interface Parameterized {
  /** Lower case. */
  readonly value: string;
  /** Names in lower case; the first of two of one name. */
  readonly parameters: ReadonlyMap<string, string>;
}

const PARAMETERS_MAX = 32;

/**
 * Parameters of Content-Disposition (RFC 6266, RFC 7578 §4.2) and Content-Type. `text` has one character for each
 * byte, as fields come; values are read as UTF-8 where they are that, which is what browsers send, else as
 * ISO-8859-1. Of a quoted pair only `\"` and `\\` lose their backslash: some clients send Windows paths unescaped.
 * `undefined`: malformed.
 */
export function parseParameters(text: string): Parameterized | undefined {
  const end = text.indexOf(';');
  const value = (end < 0 ? text : text.slice(0, end)).trim().toLowerCase();
  if (!/^[\w!#$%&'*+.^`|~/-]+$/.test(value)) return undefined;
  const parameters = new Map<string, string>();
  let at = end < 0 ? text.length : end;
  for (let count = 0; at < text.length; count++) {
    if (count > PARAMETERS_MAX) return undefined;
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(text);
    if (match === null) return undefined;
    at = PARAMETER.lastIndex;
    const [, name, quoted, token] = match;
    if (name === undefined) continue;
    const lower = name.toLowerCase();
    const given = quoted === undefined ? (token ?? '') : quoted.replaceAll(/\\(["\\])/g, '$1');
    if (!parameters.has(lower)) parameters.set(lower, utf8Of(given));
  }
  return { value, parameters };
}

/** `;`, then nothing or `name=token` or `name="quoted"`. No two loops can take the same character. */
const PARAMETER =
  /;[ \t]*(?:([\w!#$%&'*+.^`|~-]{1,64})=(?:"((?:[^"\\]|\\.){0,4096})"|([^;"\s]{0,4096}))[ \t]*)?(?=;|$)/gsy;

/** The file name of a Content-Disposition: `filename*` (RFC 8187) goes before `filename`. */
export function dispositionFileName({ parameters }: Parameterized): string | undefined {
  const extended = extendedValue(parameters.get('filename*'));
  if (extended !== undefined) return extended;
  const plain = parameters.get('filename');
  // What a form of a browser cannot write in quotes (HTML, multipart/form-data encoding).
  return plain?.replaceAll(/%(22|0[ad])/gi, (code) => decodeURIComponent(code));
}

/** `UTF-8''na%C3%AFve.txt`. */
function extendedValue(text: string | undefined): string | undefined {
  const match = /^(utf-8|iso-8859-1)'[^']{0,32}'(.{0,4096})$/is.exec(text ?? '');
  if (match === null) return undefined;
  const [, charset = '', encoded = ''] = match;
  if (/%(?![0-9a-f]{2})/i.test(encoded)) return undefined;
  const bytes = Buffer.from(
    encoded.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  return charset.toLowerCase() === 'utf-8' ? utf8Of(bytes.toString('latin1')) : bytes.toString('latin1');
}

function utf8Of(latin1: string): string {
  // Nothing but ASCII: the usual case.
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  const text = Buffer.from(latin1, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? latin1 : text;
}
