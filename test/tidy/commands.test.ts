import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allCommands } from '../../src/app/commands/index.ts';
import { wholeTree } from '../../src/cli/index.ts';
import { commandsBelow, parseCommandLine } from '../../src/protocols/terminal/index.ts';

const root = wholeTree(allCommands);
const commands = commandsBelow(root);

/** A command line as a shell would split it, quotes taken off. */
function split(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3]!);
}

function isUnderstood(line: string): void {
  assert.doesNotThrow(() => parseCommandLine(root, split(line), '/'), line);
}

test('every example of a command is understood, and is one of its own', () => {
  for (const command of commands) {
    for (const example of command.examples ?? []) {
      isUnderstood(example);
      const parsed = parseCommandLine(root, split(example), '/');
      assert.equal(parsed.kind === 'run' ? parsed.command.words : '', command.words, example);
    }
  }
});

test('every command line in the documents is understood', () => {
  const lines = ['README.md', 'CONTRIBUTING.md'].flatMap((path) => {
    const blocks = readFileSync(path, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g);
    return [...blocks].flatMap((block) => [...block[1]!.matchAll(/^\.\/bin\/sallyport\.mjs (.*)$/gm)]);
  });
  assert.ok(lines.length > 3, 'the tour has command lines');
  for (const line of lines) isUnderstood(line[1]!);
});

test('commands are declared once, and say what they do in one sentence', () => {
  const words = commands.map((command) => command.words);
  assert.deepEqual(
    words.filter((each, at) => words.indexOf(each) !== at),
    [],
  );
  for (const { words: name, summary } of commands) {
    assert.match(name, /^[a-z][a-z0-9-]*( [a-z0-9-]+)*$/);
    assert.match(summary, /^[A-Z][^\n]*[^.]$/, `${name}: a sentence without a full stop`);
  }
});

test('only the last argument takes the rest, and none that is needed follows one that is not', () => {
  for (const { words, positionals } of commands) {
    for (const [at, each] of positionals.entries()) {
      const isLast = at === positionals.length - 1;
      assert.ok(each.rest !== true || isLast, `${words}: ${each.name} takes the rest and is not the last`);
      const next = positionals[at + 1];
      assert.ok(
        each.optional !== true || next === undefined || next.optional === true,
        `${words}: ${each.name}`,
      );
    }
  }
});

test('an option with choices has a value, and a default is one of them', () => {
  for (const { words, options } of commands) {
    for (const [name, option] of Object.entries(options)) {
      assert.match(name, /^[a-z][a-z0-9-]*$/, `${words} --${name}`);
      if (option.choices !== undefined) assert.ok(option.value !== undefined, `${words} --${name}`);
      if (option.choices !== undefined && option.default !== undefined) {
        assert.ok(option.choices.includes(option.default), `${words} --${name}`);
      }
    }
  }
});
