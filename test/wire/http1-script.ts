import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A conversation as text. `role request` or `role response METHOD…` first; `> ` lines are what the peer sends, each
 * with CRLF unless it ends with `\` (escapes: `\r \n \t \\ \xNN`); `= ` lines are what the decoder says; `#` lines
 * say why.
 */
export interface Script {
  readonly name: string;
  readonly role: 'request' | 'response';
  /** The requests that the responses answer. */
  readonly methods: readonly string[];
  readonly bytes: Buffer;
  readonly expected: readonly string[];
}

export function readScripts(): readonly Script[] {
  const folder = join(import.meta.dirname, 'http1');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .toSorted()
    .map((name) => parseScript(name, readFileSync(join(folder, name), 'utf8')));
}

function parseScript(name: string, text: string): Script {
  const sent: string[] = [];
  const expected: string[] = [];
  let role: Script['role'] | undefined;
  let methods: readonly string[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('role ')) {
      const [, first, ...rest] = line.split(' ');
      role = first === 'response' ? 'response' : 'request';
      methods = rest;
    } else if (line === '>' || line.startsWith('> ')) sent.push(sentLine(line.slice(2)));
    else if (line.startsWith('= ')) expected.push(line.slice(2));
    else throw new Error(`${name}: what is ${JSON.stringify(line)}?`);
  }
  if (role === undefined) throw new Error(`${name}: no role`);
  return { name, role, methods, bytes: Buffer.from(sent.join(''), 'latin1'), expected };
}

function sentLine(line: string): string {
  const whole = !line.endsWith('\\') || line.endsWith('\\\\');
  const text = whole ? line : line.slice(0, -1);
  const plain = text.replaceAll(
    /\\(?:x([0-9a-f]{2})|([rnt\\]))/g,
    (_, hex: string | undefined, letter: string) =>
      hex === undefined
        ? ({ r: '\r', n: '\n', t: '\t' }[letter] ?? '\\')
        : String.fromCharCode(parseInt(hex, 16)),
  );
  return whole ? `${plain}\r\n` : plain;
}
