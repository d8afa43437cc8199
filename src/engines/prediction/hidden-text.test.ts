import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { dataDocumentIn, hidesForm } from './hidden-text.ts';

const FORM = '<form action="https://x.example/"><input type=password name=p></form>';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const hex = (text: string, mark: string): string =>
  Buffer.from(text).toString('hex').replaceAll(/../g, `${mark}$&`);

test('a form is found in every coding that scripts use, and nowhere else', () => {
  for (const script of [
    `document.write(unescape("${escape(FORM)}"))`,
    `el.innerHTML = decodeURIComponent('${encodeURIComponent(FORM)}')`,
    `x = "${hex(FORM, '%')}"`,
    `x = "${hex(FORM, '\\x')}"`,
    `document.body.innerHTML = atob("${base64(FORM)}")`,
  ]) {
    assert.equal(hidesForm(script), true, script);
  }
  for (const script of [
    '',
    FORM,
    `q = decodeURIComponent("${encodeURIComponent('a search for something longer')}")`,
    `atob("${base64('{"a": "a document of JSON, and nothing else"}')}")`,
    `img = "data:image/png;base64,${base64(FORM)}"`,
  ]) {
    assert.equal(hidesForm(script), false, script);
  }
});

test('what a data: URI holds', () => {
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>';
  const cases = [
    [`data:text/html;base64,${base64(FORM)}`, 'form'],
    [`data:text/html;charset=utf-8,${encodeURIComponent(FORM)}`, 'form'],
    ['data:text/html,<b>x', 'document'],
    ['data:text/javascript,alert(1)', 'document'],
    [`data:image/svg+xml;base64,${base64(drawing)}`, 'none'],
    [`data:image/svg+xml,${encodeURIComponent(drawing)}`, 'none'],
    [`data:image/svg+xml;base64,${base64('<svg onload="x()"/>')}`, 'document'],
    ['data:image/png;base64,AAAA', 'none'],
    ['https://a.example/', 'none'],
  ] as const;
  for (const [uri, expected] of cases) assert.equal(dataDocumentIn(uri), expected, uri);
});

test('no text throws, however it is made', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom('%3C', '\\x3c', 'atob("', 'unescape("', 'data:text/html;base64,'),
      (text, mark) => {
        assert.equal(typeof hidesForm(mark.repeat(20) + text), 'boolean');
        assert.match(dataDocumentIn(mark + text), /^(?:none|document|form)$/);
      },
    ),
  );
});
