/** A name for what a file brings, in the letters that names have: `My List.v2.txt` → `my-list`. */
export function nameOfFile(file: string): string {
  return file
    .replace(/\..*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
