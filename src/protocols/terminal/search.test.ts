import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LineEditor, type Pressed } from './editor.ts';
import { KeyDecoder, type Key } from './keys.ts';

const HISTORY = ['show ports', 'show feeds', 'status', 'show ports', 'lookup url http://a.example/?x'];
const [CTRL_R, CTRL_S, CTRL_G, ESC] = ['\u0012', '\u0013', '\u0007', '\u001B'];

function edit({ silent = false, charsMax = 1000, history = HISTORY } = {}) {
  const editor = new LineEditor({ prompt: 'gw> ', columns: 80, charsMax, history, silent });
  const decoder = new KeyDecoder();
  let output = editor.take();
  const press = (keys: readonly Key[]): readonly Pressed[] => {
    const results = keys.map((key) => editor.press(key));
    output += editor.take();
    return results;
  };
  return {
    editor,
    type: (text: string) => press(decoder.keys(Buffer.from(text))),
    wait: () => press(decoder.settle()),
    /** What the row shows now. */
    row: () => output.split(/\r\u001B\[J/).at(-1) ?? '', // oxlint-disable-line no-control-regex -- what the editor sends
  };
}

function paste(text: string): string {
  return `\u001B[200~${text}\u001B[201~`;
}

function found(typed: string, text: string, before: string): void {
  const { editor, type } = edit();
  type(typed);
  assert.deepEqual([editor.text, editor.beforeCursor], [text, before], JSON.stringify(typed));
}

test('Ctrl-R finds the newest line, goes on to older ones, and back again', () => {
  found(`${CTRL_R}show`, 'show ports', '');
  found(`${CTRL_R}show${CTRL_R}`, 'show feeds', '');
  found(`${CTRL_R}show${CTRL_R}${CTRL_R}${CTRL_R}`, 'show ports', '');
  found(`${CTRL_R}show${CTRL_R}${CTRL_S}`, 'show ports', '');
  found(`${CTRL_R}feeds`, 'show feeds', 'show ');
  found(`${CTRL_R}sta\u007F\u007Fhow p`, 'show ports', '');
  found(`${CTRL_R}/?x`, 'lookup url http://a.example/?x', 'lookup url http://a.example');
  found(`draft${CTRL_R}`, 'draft', 'draft');
});

test('Enter runs what was found; any other key takes it and does what it does', () => {
  const { editor, type } = edit();
  assert.deepEqual(type(`${CTRL_R}status\r`).at(-1), 'line');
  assert.equal(editor.text, 'status');
  found(`${CTRL_R}status\u0005x`, 'statusx', 'statusx');
  found(`${CTRL_R}status\u0010`, 'show feeds', 'show feeds');
  found(`${CTRL_R}feeds\u000B`, 'show ', 'show ');
  assert.deepEqual(edit().type(`${CTRL_R}feeds\t`).at(-1), 'complete');
});

test('Ctrl-G, Esc and Ctrl-C bring the line back that was there', () => {
  for (const key of [CTRL_G, `${ESC}${ESC}`]) {
    const { editor, type, row } = edit();
    type(`draft\u0002${CTRL_R}show${CTRL_R}${key}`);
    assert.deepEqual([editor.text, editor.beforeCursor], ['draft', 'draf']);
    assert.ok(row().startsWith('gw> draft'), row());
  }
  const alone = edit();
  alone.type(`draft${CTRL_R}show${ESC}`);
  alone.wait();
  assert.equal(alone.editor.text, 'draft');
  assert.deepEqual(edit().type(`draft${CTRL_R}show\u0003`).at(-1), 'interrupt');
});

test('the prompt says what is looked for, and when there is no such line', () => {
  const { type, row, editor } = edit();
  type(`draft${CTRL_R}`);
  assert.ok(row().startsWith("(reverse-i-search)'': draft"), row());
  type('feeds');
  assert.ok(row().startsWith("(reverse-i-search)'feeds': show feeds"), row());
  type('x');
  assert.ok(row().startsWith("(failed reverse-i-search)'feedsx': show feeds"), row());
  type('\u007F');
  assert.ok(row().startsWith("(reverse-i-search)'feeds': show feeds"), row());
  type('\r');
  assert.equal(editor.text, 'show feeds');
});

test('a password is not looked for, and an empty history finds nothing', () => {
  const secret = edit({ silent: true });
  secret.type(`a${CTRL_R}show`);
  assert.equal(secret.editor.text, 'ashow');
  const empty = edit({ history: [] });
  empty.type(`a${CTRL_R}show${CTRL_R}\r`);
  assert.equal(empty.editor.text, 'a');
});

test('what is cut in one go comes back in one piece', () => {
  found('one two three\u0017\u0017\u0019', 'one two three', 'one two three');
  found('one two three\u0001\u001Bd\u001Bd\u0005-\u0019', ' three-one two', ' three-one two');
  found('one two\u0017\u0002\u0017\u0019', 'one ', 'one');
});

test('pasted lines run nothing: the first one is shown, the others wait', () => {
  const { editor, type } = edit();
  const results = type(paste('show ports\nreboot --yes\r\n\n  token create\tx\n'));
  assert.deepEqual([results.includes('line'), results.at(-1)], [false, 'pasted']);
  assert.deepEqual([editor.text, editor.rest], ['show ports', ['reboot --yes', '  token create x']]);
  assert.deepEqual(type('!\r'), ['editing', 'line']);
  assert.equal(editor.text, 'show ports!');
});

test('what looks like a key in a paste is none', () => {
  const { editor, type } = edit();
  assert.deepEqual(new Set(type(paste('a?\u0003\u0004\u0015b\tc\u001B[A\u0012d'))), new Set(['editing']));
  assert.equal(editor.text, 'a?\\x03\\x04\\x15b c\\x1b[A\\x12d', 'and is seen');
  assert.deepEqual(type('\u0005\u0001'), ['editing', 'editing'], 'afterwards keys are keys again');
});

test('the end of a pasted line alone changes nothing; a password takes the first line', () => {
  const { editor, type } = edit();
  assert.deepEqual(type(paste('status\n')).at(-1), 'editing');
  assert.deepEqual([editor.text, editor.rest], ['status', []]);
  const secret = edit({ silent: true });
  assert.deepEqual(secret.type(`${paste('correct horse\nreboot\n')}\r`).at(-1), 'line');
  assert.deepEqual([secret.editor.text, secret.editor.rest], ['correct horse', []]);
});

test('pastes are bounded like lines', () => {
  const { editor, type } = edit({ charsMax: 100 });
  type(paste(`a\n${'x'.repeat(60)}\n${'y'.repeat(60)}\n`));
  assert.deepEqual(type('\r'), ['too-long']);
  assert.ok(editor.rest.join('').length <= 100);
});

test('a paste may be cut anywhere, and never becomes a key', () => {
  const bytes = Buffer.from(`a${paste('é one\r\ntwo\u001B[2x\n')}b\r`);
  const joined = (keys: readonly Key[]): string =>
    keys
      .map((key) => (key.kind === 'key' ? `<${key.name}>` : key.pasted === true ? `{${key.text}}` : key.text))
      .join('')
      .replaceAll('}{', '');
  const whole = joined(new KeyDecoder().keys(bytes));
  assert.equal(whole, 'a{é one}<pasted-enter>{two\u001B[2x}<pasted-enter><paste-end>b<enter>');
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 6 }), (cuts) => {
      const decoder = new KeyDecoder();
      const keys: Key[] = [];
      let from = 0;
      for (const to of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
        keys.push(...decoder.keys(bytes.subarray(from, to)));
        from = to;
      }
      assert.equal(joined(keys), whole);
    }),
  );
});
