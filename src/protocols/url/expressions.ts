import { isAddressHost } from './canonical-host.ts';

/** Labels of the longest shortened host; the reference client of Safe Browsing takes seven. */
const SUFFIX_LABELS_MAX = 7;
/** `/` and three more folders, counted from the root. */
const FOLDERS_MAX = 4;

/** The host, then its suffixes of seven labels down to two. An address has none. */
export function hostSuffixes(host: string): readonly string[] {
  if (isAddressHost(host)) return [host];
  const dots: number[] = [];
  for (let at = host.lastIndexOf('.'); at > 0; at = host.lastIndexOf('.', at - 1)) {
    dots.push(at);
    if (dots.length > SUFFIX_LABELS_MAX) break;
  }
  const suffixes = [host];
  // dots[k] is the dot before a suffix of k + 1 labels.
  for (let k = Math.min(dots.length, SUFFIX_LABELS_MAX) - 1; k >= 1; k--)
    suffixes.push(host.slice(dots[k]! + 1));
  return suffixes;
}

/** The path with its query, the path, and its first folders; the longest first, without repetition. */
export function pathPrefixes(path: string, query: string): readonly string[] {
  const folders: string[] = [];
  for (let at = path.indexOf('/'); at >= 0 && folders.length < FOLDERS_MAX; at = path.indexOf('/', at + 1)) {
    if (at + 1 < path.length) folders.push(path.slice(0, at + 1));
  }
  const prefixes = query === '' ? [path] : [`${path}?${query}`, path];
  for (let k = folders.length - 1; k >= 0; k--) prefixes.push(folders[k]!);
  return prefixes;
}

export function expressionsOf(host: string, path: string, query: string): readonly string[] {
  const paths = pathPrefixes(path, query);
  return hostSuffixes(host).flatMap((suffix) => paths.map((prefix) => suffix + prefix));
}
