import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormDecoder, formBoundary, type FormLimits, type FormEvent } from './decoder.ts';

interface Read {
  readonly parts: readonly {
    readonly name: string;
    readonly fileName: string | undefined;
    readonly text: string;
  }[];
  readonly end: string;
}

function read(pieces: readonly Uint8Array[], limits?: FormLimits): Read {
  const decoder = new FormDecoder('b', limits);
  const parts: { name: string; fileName: string | undefined; text: string }[] = [];
  let next = 0;
  for (;;) {
    const event: FormEvent | ReturnType<FormDecoder['next']> = decoder.next();
    if (event.kind === 'part') parts.push({ name: event.name, fileName: event.fileName, text: '' });
    else if (event.kind === 'data') parts.at(-1)!.text += Buffer.from(event.bytes).toString('latin1');
    else if (event.kind === 'need-data') {
      const piece = pieces[next++];
      if (piece === undefined) decoder.receiveEnd();
      else {
        // The wire reuses its buffer: whoever kept a view would see other bytes.
        const shared = Buffer.from(piece);
        pieces[next - 2]?.fill(0);
        decoder.receive(shared);
      }
    } else if (event.kind !== 'part-end') {
      return { parts, end: event.kind === 'end' ? 'end' : event.code };
    }
  }
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const whole = (text: string, limits?: FormLimits): Read => read([bytes(text)], limits);
const part = (head: string, body: string): string =>
  `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;

test('a form of a browser gives its parts, whatever the cuts', () => {
  const text = `${part('name="x"', 'value')}${part('name="file"; filename="a\r\n"'.replace('\r\n', '%0D%0A'), '\r\n--\r\n--c')}--b--\r\n`;
  const expected: Read = {
    parts: [
      { name: 'x', fileName: undefined, text: 'value' },
      { name: 'file', fileName: 'a\r\n', text: '\r\n--\r\n--c' },
    ],
    end: 'end',
  };
  assert.deepEqual(whole(text), expected);
  const one = Array.from(bytes(text), (each) => Buffer.of(each));
  assert.deepEqual(read(one), expected);
  for (let at = 1; at < text.length; at++) {
    assert.deepEqual(read([bytes(text.slice(0, at)), bytes(text.slice(at))]), expected, `cut at ${at}`);
  }
});

test('an empty part, an empty form, padding and a preamble are a form', () => {
  assert.deepEqual(whole(`${part('name=f', '')}--b--`).parts, [{ name: 'f', fileName: undefined, text: '' }]);
  assert.deepEqual(whole('--b--'), { parts: [], end: 'end' });
  assert.equal(whole(`pre\r\n--b \t\r\nContent-Disposition: form-data; name=f\r\n\r\nx\r\n--b--`).end, 'end');
});

test('what breaks a form names itself', () => {
  const limits = { headBytesMax: 100, partsMax: 2 };
  const cases: readonly (readonly [text: string, code: string])[] = [
    ['', 'FORM_PREAMBLE'],
    ['hello', 'FORM_PREAMBLE'],
    ['x'.repeat(5000), 'FORM_PREAMBLE'],
    ['--bx\r\n', 'FORM_DELIMITER'],
    [`--b${' '.repeat(100)}\r\n`, 'FORM_DELIMITER'],
    ['--b\r\n\r\nx\r\n--b--', 'FORM_HEAD'],
    ['--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--', 'FORM_HEAD'],
    ['--b\r\nContent-Disposition: attachment; name=f\r\n\r\nx\r\n--b--', 'FORM_HEAD'],
    ['--b\r\nContent-Disposition: form-data; name="f\r\n\r\nx\r\n--b--', 'FORM_HEAD'],
    ['--b\r\nContent-Disposition: form-data;\r\n name=f\r\n\r\nx\r\n--b--', 'FORM_HEAD'],
    [`--b\r\nX: ${'x'.repeat(200)}\r\n\r\n`, 'FORM_HEAD_TOO_LARGE'],
    [
      '--b\r\nContent-Disposition: form-data; name=f\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--b--',
      'FORM_ENCODING',
    ],
    [`${part('name=a', '')}${part('name=b', '')}${part('name=c', '')}--b--`, 'FORM_TOO_MANY_PARTS'],
    [part('name=a', 'x'), 'FORM_CUT'],
    ['--b\r\nContent-Disp', 'FORM_CUT'],
    [`${part('name=a', 'x')}--b`, 'FORM_CUT'],
    [`${part('name=a', 'x').replaceAll('\r\n', '\n')}--b--`, 'FORM_DELIMITER'],
  ];
  for (const [text, code] of cases) assert.equal(whole(text, limits).end, code, JSON.stringify(text));
});

test('the boundary comes from the type, and is what RFC 2046 allows', () => {
  assert.equal(formBoundary('multipart/form-data; boundary=----WebKit1'), '----WebKit1');
  assert.equal(formBoundary('Multipart/Form-Data; charset=utf-8; boundary="a b:c"'), 'a b:c');
  for (const type of [
    undefined,
    'text/plain',
    'multipart/mixed; boundary=x',
    'multipart/form-data',
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary="a "',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
    'multipart/form-data; boundary="a\r\nb"',
  ]) {
    assert.equal(formBoundary(type), undefined, String(type));
  }
});
