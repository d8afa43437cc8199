import type { ComponentChildren } from 'preact';

/** Comments, quoted texts and keys; whatever else there is stays as it is. One pass, no look back. */
const TOKEN =
  /(?<note>(?:^|\s)#.*$)|(?<text>"(?:\\.|[^"\\])*"|'(?:''|[^'])*')|(?<key>[\w$*./-]+)(?=\s*:(?:\s|$))/g;

/** One line of YAML as text with colors. */
export function highlighted(line: string): ComponentChildren {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const match of line.matchAll(TOKEN)) {
    const kind = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined)?.[0];
    parts.push(line.slice(from, match.index), <span class={`y-${kind}`}>{match[0]}</span>);
    from = match.index + match[0].length;
  }
  parts.push(line.slice(from));
  return parts;
}
