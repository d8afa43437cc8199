import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LineEditor, type EditorOptions, type Pressed } from './editor.ts';
import { KeyDecoder, type KeyName } from './keys.ts';
import { widthOf } from './text.ts';

/** A terminal of some columns that does what xterm does with what the editor sends. */
class Screen {
  readonly rows: string[][] = [[]];
  row = 0;
  column = 0;
  readonly columns: number;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): void {
    const parts = text.match(/\u001B\[\d*[A-Za-z]|[\s\S]/gu) ?? []; // oxlint-disable-line no-control-regex -- escape sequences are what is read
    for (const part of parts) this.#one(part);
  }

  get text(): string {
    return this.rows.map((row) => Array.from(row, (cell) => cell ?? ' ').join('')).join('');
  }

  #one(part: string): void {
    const sequence = /^\u001B\[(\d*)([A-Za-z])$/.exec(part); // oxlint-disable-line no-control-regex -- as above
    const count = Number(sequence?.[1] === '' ? 1 : sequence?.[1]);
    if (sequence?.[2] === 'A') this.row -= count;
    else if (sequence?.[2] === 'B') this.row += count;
    else if (sequence?.[2] === 'C') this.column = Math.min(this.columns - 1, this.column + count);
    else if (sequence?.[2] === 'J') {
      this.rows.splice(this.row + 1);
      this.rows[this.row]?.splice(this.column);
    } else if (part === '\r') this.column = 0;
    else if (part === '\b') this.column--;
    else if (part === '\n') this.#down();
    else this.#print(part);
    assert.ok(this.row >= 0 && this.column >= 0);
  }

  #print(sign: string): void {
    if (this.column === this.columns) {
      this.column = 0;
      this.#down();
    }
    const row = (this.rows[this.row] ??= []);
    row[this.column] = sign;
    this.column += 1;
  }

  #down(): void {
    this.row++;
    this.rows[this.row] ??= [];
  }
}

function edit(options: Partial<EditorOptions> = {}) {
  const editor = new LineEditor({ prompt: 'gw> ', columns: 80, charsMax: 1000, ...options });
  const decoder = new KeyDecoder();
  let output = '';
  const type = (text: string): readonly Pressed[] => {
    const results = decoder.keys(Buffer.from(text)).map((key) => editor.press(key));
    output += editor.take();
    return results;
  };
  return { editor, type, output: () => output };
}

function check(typed: string, text: string, before = text): void {
  const { editor, type } = edit({ history: ['show ports', 'status'] });
  type(typed);
  assert.deepEqual([editor.text, editor.beforeCursor], [text, before], JSON.stringify(typed));
}

test('the keys of emacs move and change as readline has them', () => {
  check('abc\u0001x', 'xabc', 'x');
  check('abc\u001B[D\u001B[Dx', 'axbc', 'ax');
  check('one two\u0017', 'one ');
  check('one two\u001Bbx', 'one xtwo', 'one x');
  check('one two\u0001\u001Bd', ' two', '');
  check('one two\u0001\u000B', '', '');
  check('one two\u0015\u0019', 'one two');
  check('abc\u0014', 'acb');
  check('abc\u007F', 'ab');
  check('abc\u0001\u001B[3~', 'bc', '');
  check('abc\u0002\u0004', 'ab');
  check('\u001B[A', 'status');
  check('\u001B[A\u001B[A\u001B[A', 'show ports');
  check('draft\u0010\u000E', 'draft');
  check('a\u001B[1;5D\u001BOHb\u001B[Fc', 'bac');
  check('Zürich 東京👩‍🚀\u007F', 'Zürich 東京');
});

test('bytes may be cut anywhere', () => {
  const bytes = Buffer.from('aé\u001B[D東\u001B[3~?\r\n');
  const whole = new KeyDecoder().keys(bytes);
  for (let at = 1; at < bytes.length; at++) {
    const decoder = new KeyDecoder();
    const keys = [...decoder.keys(bytes.subarray(0, at)), ...decoder.keys(bytes.subarray(at))];
    const joined = (list: typeof keys): string =>
      list.map((key) => (key.kind === 'text' ? key.text : `<${key.name}>`)).join('');
    assert.equal(joined(keys), joined([...whole]), String(at));
  }
});

test('what is typed at the end of a line is echoed, and nothing else is sent', () => {
  const { type, output } = edit();
  type('show ports');
  type('x\u007F');
  assert.equal(output(), 'gw> show portsx\b \b');
});

test('Enter gives the line, Ctrl-C drops it, Ctrl-D on an empty one is the end', () => {
  assert.deepEqual(edit().type('ab\r\n'), ['editing', 'line']);
  assert.deepEqual(edit().type('ab\u0003'), ['editing', 'interrupt']);
  assert.deepEqual(edit().type('\u0004'), ['end-of-input']);
});

test('a question mark asks for help, but not in quotes or in a URL', () => {
  assert.deepEqual(edit().type('show ?'), ['editing', 'help']);
  const { editor, type } = edit();
  type('lookup url http://example.com/?q=1 "what?"');
  assert.equal(editor.text, 'lookup url http://example.com/?q=1 "what?"');
});

test('a line that is too long is refused whole, and costs no more than its bound', () => {
  const { editor, type } = edit({ charsMax: 100 });
  for (let count = 0; count < 1000; count++) type('x'.repeat(1024));
  assert.deepEqual(type('\r'), ['too-long']);
  assert.ok(editor.text.length <= 100);
});

test('a password is neither shown nor offered from the history', () => {
  const { editor, type, output } = edit({ silent: true, history: ['secret'] });
  type('pass\u001B[A\u0002word\r');
  assert.equal(editor.text, 'paswords');
  assert.equal(output(), 'gw> \r\n');
});

test('the screen shows the prompt, the line and the cursor, however wide it is', () => {
  const keys: readonly KeyName[] = [
    'left',
    'right',
    'home',
    'end',
    'backspace',
    'delete',
    'kill-word-back',
    'up',
  ];
  fc.assert(
    fc.property(
      fc.integer({ min: 5, max: 30 }),
      fc.array(
        fc.oneof(
          fc.constantFrom(...keys),
          fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'b', ' ') }),
        ),
      ),
      (columns, typed) => {
        const screen = new Screen(columns);
        const editor = new LineEditor({
          prompt: 'gw> ',
          columns,
          charsMax: 1000,
          history: ['an older line'],
        });
        screen.write(editor.take());
        for (const each of typed) {
          const name = keys.find((key) => key === each);
          editor.press(name === undefined ? { kind: 'text', text: each } : { kind: 'key', name });
          screen.write(editor.take());
          assert.equal(screen.text.trimEnd(), `gw> ${editor.text}`.trimEnd());
          const place = widthOf(`gw> ${editor.beforeCursor}`);
          assert.equal(screen.row * columns + screen.column, place);
        }
      },
    ),
  );
});
