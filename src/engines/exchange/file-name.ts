const NAME_MAX = 512;

/** The name of a file: by Content-Disposition (RFC 6266 §4.3), else the last part of the path. Without folders. */
export function fileNameOf(disposition: string | undefined, path: string | undefined): string | undefined {
  const named = disposition === undefined ? undefined : dispositionName(disposition.slice(0, 4 * NAME_MAX));
  const name = named ?? lastOf(path);
  return name === undefined || name === '' ? undefined : name.slice(0, NAME_MAX);
}

function dispositionName(value: string): string | undefined {
  // RFC 8187: the form with a character set comes first.
  const extended = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(value)?.[1];
  const decoded = extended === undefined ? undefined : unescaped(extended);
  if (decoded !== undefined) return baseName(decoded);
  const plain = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))/i.exec(value);
  const text = plain?.[1]?.replaceAll(/\\(.)/g, '$1') ?? plain?.[2];
  return text === undefined ? undefined : baseName(text);
}

function lastOf(path: string | undefined): string | undefined {
  const last = path?.slice(path.lastIndexOf('/') + 1);
  return last === undefined ? undefined : baseName(unescaped(last) ?? last);
}

function baseName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
