import type { Command } from '../../kernel/index.ts';

/** The commands as a tree of words. A node may be a command and have children: `show config`, `show config versions`. */
export interface CommandNode {
  readonly words: string;
  readonly command: Command | undefined;
  readonly children: ReadonlyMap<string, CommandNode>;
}

export interface Found {
  readonly node: CommandNode;
  /** How many of the words belong to the node. */
  readonly depth: number;
}

export function commandTree(commands: readonly Command[], words = ''): CommandNode {
  const start = words === '' ? '' : `${words} `;
  const below = commands.filter((command) => command.words.startsWith(start) && command.words !== words);
  const next = [...new Set(below.map((command) => command.words.slice(start.length).split(' ')[0]!))];
  return {
    words,
    command: words === '' ? undefined : commands.find((command) => command.words === words),
    children: new Map(next.map((word) => [word, commandTree(below, start + word)])),
  };
}

/** The deepest node that the words lead to. */
export function walk(root: CommandNode, words: readonly string[]): Found {
  let node = root;
  let depth = 0;
  for (const word of words) {
    const child = node.children.get(word);
    if (child === undefined) break;
    node = child;
    depth++;
  }
  return { node, depth };
}

/** The deepest node that is a command: the longest match of the words. */
export function walkToCommand(
  root: CommandNode,
  words: readonly string[],
): { readonly command: Command; readonly depth: number } | undefined {
  for (let length = walk(root, words).depth; length > 0; length--) {
    const { command } = walk(root, words.slice(0, length)).node;
    if (command !== undefined) return { command, depth: length };
  }
  return undefined;
}

/**
 * The words with each beginning that fits one word alone written out: `sh ver` → `show version`. Of several, one may
 * be the only one that the next word can follow.
 */
export function fullWords(root: CommandNode, words: readonly string[]): readonly string[] {
  let node = root;
  const full = [...words];
  for (const [at, word] of words.entries()) {
    const fitting = beginningWith(node, word);
    const next = words[at + 1];
    const [only, another] =
      fitting.length > 1 && next !== undefined
        ? fitting.filter(([, child]) => mayFollow(child, next))
        : fitting;
    if (only === undefined || another !== undefined) break;
    [full[at], node] = only;
  }
  return full;
}

function beginningWith(node: CommandNode, word: string): readonly (readonly [string, CommandNode])[] {
  const exact = node.children.get(word);
  if (exact !== undefined) return [[word, exact]];
  return word === '' ? [] : [...node.children].filter(([name]) => name.startsWith(word));
}

function mayFollow(node: CommandNode, word: string): boolean {
  return (
    beginningWith(node, word).length > 0 ||
    (node.command?.positionals.length ?? 0) > 0 ||
    word.startsWith('--')
  );
}

/** Every command at or below a node, in the order of declaration. */
export function commandsBelow(node: CommandNode): readonly Command[] {
  const own = node.command === undefined ? [] : [node.command];
  return [...own, ...[...node.children.values()].flatMap((child) => commandsBelow(child))];
}

/** The words as they were probably meant, or `undefined`: `shwo prots` → `show ports`. */
export function nearestWords(root: CommandNode, words: readonly string[]): string | undefined {
  let node = root;
  for (const word of words) {
    const meant = node.children.has(word) ? word : nearest(word, [...node.children.keys()]);
    if (meant === undefined) break;
    node = node.children.get(meant)!;
  }
  return node.words === '' ? undefined : node.words;
}

/** The candidate that is a slip of the finger away, or that the word begins. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const slips = Math.min(2, Math.floor((word.length + 1) / 3));
  const byDistance = candidates
    .map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .filter((entry) => entry.distance <= slips)
    .toSorted((a, b) => a.distance - b.distance);
  return byDistance[0]?.candidate ?? candidates.find((candidate) => candidate.startsWith(word));
}

/** Edits between two words; two letters that changed places count once (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      let least = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + changed);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, beforeLast[column - 2]! + 1);
      }
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
