import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { View } from '../../kernel/index.ts';
import { documentText } from './document.ts';
import { viewText } from './render.ts';
import { PLAIN } from './style.ts';
import { truncate, widthOf, wrap } from './text.ts';

const ports: View = {
  kind: 'table',
  columns: [{ title: 'port', align: 'right' }, { title: 'door' }, { title: 'purpose' }],
  rows: [
    [22, 'ssh', 'Users remotely access the gateway'],
    [11344, { text: 'icap', tone: 'good' }, 'ICAP over TLS'],
  ],
};

function check(view: View, width: number | undefined, expected: readonly string[]): void {
  assert.deepEqual(viewText([view], { ...PLAIN, width }).split('\n'), [...expected, '']);
}

test('columns are aligned and nothing is cut outside a terminal', () => {
  check(ports, undefined, [
    ' port  door  purpose',
    '   22  ssh   Users remotely access the gateway',
    '11344  icap  ICAP over TLS',
  ]);
});

test('in a terminal the widest column wraps first', () => {
  check(ports, 32, [
    ' port  door  purpose',
    '   22  ssh   Users remotely',
    '             access the gateway',
    '11344  icap  ICAP over TLS',
  ]);
});

test('no line is wider than the terminal, whatever the width', () => {
  for (let width = 20; width < 60; width++) {
    for (const line of viewText([ports], { ...PLAIN, width }).split('\n')) {
      assert.ok(widthOf(line) <= width, `${width}: ${line}`);
    }
  }
});

test('a terminal that is too narrow for columns gets one block a row', () => {
  const view: View = {
    kind: 'table',
    columns: ['alpha', 'bravo', 'charlie', 'delta'].map((title) => ({ title })),
    rows: [['one two three', '2', 'three', 'four']],
  };
  check(view, 20, ['alpha    one two', '         three', 'bravo    2', 'charlie  three', 'delta    four']);
});

test('a table without rows says so', () => {
  check({ ...ports, rows: [] }, 80, ['(none)']);
});

test('color codes do not move columns', () => {
  const painted = viewText([ports], {
    width: 80,
    paint: (tone, text) => (tone === undefined ? text : `<${text}>`),
  });
  assert.match(painted, /^ <port> {2}<door> {2}<purpose>\n {3}22 {2}ssh {3}Users/);
});

test('control characters of a feed or a peer cannot reach the terminal', () => {
  const view: View = {
    kind: 'table',
    columns: [{ title: 'entry' }],
    rows: [['evil\x1b]0;title\x07\u202Egpj.exe']],
  };
  check(view, undefined, ['entry', 'evil\\x1b]0;title\\x07\\x202egpj.exe']);
  assert.equal(documentText({ 'a\x1b': 'b\r' }), 'a\\x1b: b\\x0d\n');
});

test('wide and combining characters take the columns that a terminal gives them', () => {
  assert.deepEqual([widthOf('日本'), widthOf('e\u0301'), widthOf('👍')], [4, 1, 2]);
  assert.equal(truncate('日本語テキスト', 7), '日本語…');
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrap('a abcdefghij b', 5), ['a', 'abcd…', 'b']);
});

test('a document without a view is shown as text', () => {
  const document = {
    name: 'x',
    on: true,
    none: null,
    list: [1, { a: 'b', c: [] }],
    text: 'one\ntwo',
    gone: undefined,
  };
  assert.equal(
    documentText(document),
    [
      'name: x',
      'on: true',
      'none: -',
      'list:',
      '  - 1',
      '  - a: b',
      '    c: (none)',
      'text:',
      '  one',
      '  two',
      '',
    ].join('\n'),
  );
  assert.equal(documentText([]), '(none)\n');
});

test('texts are printed exactly, titles stand apart from what is before', () => {
  const views: View[] = [
    { kind: 'text', text: 'a  b\n\n c\n' },
    { kind: 'title', text: 'T' },
    { kind: 'facts', facts: [['n', 1]] },
  ];
  assert.equal(viewText(views, { ...PLAIN, width: 20 }), 'a  b\n\n c\n\nT\nn  1\n');
});
