import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleCommands } from '../../../test/support/sample-commands.ts';
import { completionOf, commonStart } from './complete.ts';
import { SSH_MOUTH } from './mouth.ts';
import { Pager } from './pager.ts';
import { commandTree, fullWords } from './tree.ts';
import { typedWords, wordsOf } from './words.ts';

const root = commandTree(sampleCommands());

function refused(line: string, code: string): void {
  assert.throws(() => wordsOf(line), { code }, line);
}

test('words are split at spaces, and quotes keep them', () => {
  assert.deepEqual(wordsOf(`a  "b c" 'd "e' "f\\"g\\\\" DOMAIN\\user ''`), [
    'a',
    'b c',
    'd "e',
    'f"g\\',
    'DOMAIN\\user',
    '',
  ]);
  assert.deepEqual(wordsOf('lookup url http://x/?a=1&b=2;c|d<e>$f'), [
    'lookup',
    'url',
    'http://x/?a=1&b=2;c|d<e>$f',
  ]);
});

test('what a shell would act on is refused, wherever it stands', () => {
  for (const line of [
    'show version; id',
    'a ; b',
    'a && b',
    'a & b',
    'a | b',
    'a > f',
    'a 2>&1',
    'a >> f',
    'a < f',
  ]) {
    refused(line, 'CLI_SHELL_SYNTAX');
  }
  for (const line of ['a `id`', 'a $(id)', 'a x$(id)', 'a;']) refused(line, 'CLI_SHELL_SYNTAX');
  for (const line of ['a\nb', 'a\rb', 'a\u0000', 'a\u001B[A']) refused(line, 'CLI_CONTROL_CHARACTER');
  refused('a "b', 'CLI_QUOTE_OPEN');
  assert.deepEqual(wordsOf('a ";" "$(id)"'), ['a', ';', '$(id)']);
});

test('a line in the making has the words before the cursor and the one under it', () => {
  assert.deepEqual(typedWords('show po'), { before: ['show'], current: 'po', quoted: false });
  assert.deepEqual(typedWords('show '), { before: ['show'], current: '', quoted: false });
  assert.deepEqual(typedWords('a "b c'), { before: ['a'], current: 'b c', quoted: true });
});

function offered(line: string): readonly string[] {
  return completionOf(root, line, SSH_MOUTH).choices.map(({ word }) => word);
}

test('what may follow comes from the declarations: words, choices, options and their values', () => {
  assert.deepEqual(offered('sh'), ['show']);
  assert.deepEqual(offered('show '), ['ports', 'config']);
  assert.deepEqual(offered('lookup '), ['url', 'domain', 'ip']);
  assert.deepEqual(offered('lookup u'), ['url']);
  assert.deepEqual(offered('feed import x --f'), ['--format']);
  assert.deepEqual(offered('feed import x --format '), ['hosts', 'urls', 'csv']);
  assert.deepEqual(offered('feed import x --format u'), ['urls']);
  assert.deepEqual(offered('feed import x --replace --re'), []);
  assert.deepEqual(offered('nothing like this '), []);
  assert.deepEqual(completionOf(root, 'lookup url ', SSH_MOUTH).notes, [
    { word: 'VALUE', help: 'The thing itself' },
  ]);
  assert.equal(completionOf(root, 'show ports ', SSH_MOUTH).whole, true);
  assert.equal(completionOf(root, 'lookup url ', SSH_MOUTH).whole, false);
  assert.equal(commonStart(['--format', '--force']), '--for');
});

test('words may be short where one alone fits', () => {
  assert.deepEqual(fullWords(root, ['s', 'p']), ['show', 'ports'], 'start takes no word');
  assert.deepEqual(fullWords(root, ['s']), ['s']);
  assert.deepEqual(fullWords(root, ['sh', 'p']), ['show', 'ports']);
  assert.deepEqual(fullWords(root, ['show', 'config', 'v']), ['show', 'config', 'versions']);
  assert.deepEqual(fullWords(root, ['lo', 'url']), ['lookup', 'url']);
  assert.deepEqual(fullWords(root, ['x', 'p']), ['x', 'p']);
});

test('a page is what fits the screen, a wrapped line takes its rows, and q ends it', () => {
  const text = Array.from({ length: 10 }, (_, at) => `line ${at}`).join('\n');
  const pager = new Pager(`${text}\n`, { rows: 5, columns: 80 });
  assert.equal(pager.first(), 'line 0\r\nline 1\r\nline 2\r\nline 3\r\n--More--');
  assert.match(pager.press({ kind: 'key', name: 'enter' }), /line 4\r\n--More--$/);
  assert.match(pager.press({ kind: 'text', text: ' ' }), /line 5\r\n[\s\S]*line 8\r\n--More--$/);
  assert.doesNotMatch(pager.press({ kind: 'text', text: 'q' }), /line/);
  assert.ok(pager.done);

  const wide = new Pager(`${'x'.repeat(25)}\ny\nz`, { rows: 4, columns: 10 });
  assert.equal(wide.first(), `${'x'.repeat(25)}\r\n--More--`);
  assert.equal(new Pager(text, { rows: 0, columns: 80 }).first().includes('--More--'), false);
  assert.equal(new Pager('', { rows: 5, columns: 80 }).done, true);
});
