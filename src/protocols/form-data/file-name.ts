const CHARS_MAX = 255;

/**
 * A name that a stranger gave a file, as something that can be shown and logged: the last segment of a path,
 * without control characters and without those that turn the direction of text (Cf), at most 255 characters.
 * `undefined`: nothing is left. It is a label, never a path to open.
 */
export function fileNameOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const last = text.slice(-4096).split(/[/\\]/).at(-1) ?? '';
  const clean = Array.from(last.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '_').trim());
  const name = clean.slice(0, CHARS_MAX).join('');
  return name === '' || name === '.' || name === '..' ? undefined : name;
}
