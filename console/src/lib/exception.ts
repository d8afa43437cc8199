/** A rule before all others of a policy, put into its text so that the rest stays as it was written. */
export function withException(text: string, rule: { readonly host: string; readonly note: string }): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => /^rules\s*:/.test(line));
  const names = new Set([...text.matchAll(/\bname:\s*["']?([\w.-]+)/g)].map((match) => match[1]));
  if (at === -1) return `${text.replace(/\n*$/, '\n')}rules:\n${ruleLines(rule, '  ', names).join('\n')}\n`;
  const first = lines.slice(at + 1).find((line) => /^\s*-/.test(line));
  const indent = /^(\s*)-/.exec(first ?? '  -')?.[1] ?? '  ';
  const heading = lines[at]?.replace(/^(rules\s*:)\s*\[\s*\]/, '$1') ?? 'rules:';
  return [...lines.slice(0, at), heading, ...ruleLines(rule, indent, names), ...lines.slice(at + 1)].join(
    '\n',
  );
}

function ruleLines(
  { host, note }: { readonly host: string; readonly note: string },
  indent: string,
  names: ReadonlySet<string | undefined>,
): readonly string[] {
  const base = `allow-${host
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')}`.slice(0, 48);
  let name = base;
  for (let number = 2; names.has(name); number++) name = `${base}-${number}`;
  return [
    `- name: ${name}`,
    ...(note === '' ? [] : [`  note: ${JSON.stringify(note)}`]),
    `  when: { host: ${JSON.stringify(host)}, not: { indicator: { action: block } } }`,
    '  then: allow',
  ].map((line) => indent + line);
}
