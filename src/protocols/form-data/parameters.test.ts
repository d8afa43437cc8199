import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileNameOf } from './file-name.ts';
import { dispositionFileName, parseParameters } from './parameters.ts';

/** As a field comes from the wire: one character for each byte. */
function nameIn(disposition: string): string | undefined {
  const parsed = parseParameters(Buffer.from(disposition, 'utf8').toString('latin1'));
  return parsed === undefined ? undefined : dispositionFileName(parsed);
}

test('file names come in all the ways that clients write them', () => {
  const cases: readonly (readonly [field: string, name: string | undefined])[] = [
    ['attachment; filename=a.txt', 'a.txt'],
    ['attachment; filename="a b.txt"', 'a b.txt'],
    ['form-data; name="f"; filename="naïve ☃.txt"', 'naïve ☃.txt'],
    [`attachment; filename="fallback"; filename*=UTF-8''na%C3%AFve%20%E2%98%83.txt`, 'naïve ☃.txt'],
    [`attachment; filename*=utf-8'en'a%2Fb`, 'a/b'],
    [`attachment; filename*=iso-8859-1''%E9t%E9`, 'été'],
    [`attachment; filename*=UTF-8''%zz; filename=plain`, 'plain'],
    [`attachment; filename*=koi8-r''x`, undefined],
    [String.raw`attachment; filename="C:\dir\a.exe"`, String.raw`C:\dir\a.exe`],
    [String.raw`attachment; filename="say \"hi\".txt"`, 'say "hi".txt'],
    ['form-data; name=f; filename="a%22b%0D%0Ac"', 'a"b\r\nc'],
    ['attachment; FileName=A.txt; filename=second', 'A.txt'],
    ['attachment ;  filename=a ; ', 'a'],
    ['attachment', undefined],
    ['attachment; filename="open', undefined],
    ['attachment; filename=a b', undefined],
    ['; filename=a', undefined],
  ];
  for (const [field, name] of cases) assert.equal(nameIn(field), name, field);
});

test('a name is a label: no path, no line ends, nothing that turns the text', () => {
  assert.equal(fileNameOf('../../etc/passwd'), 'passwd');
  assert.equal(fileNameOf(String.raw`C:\Windows\evil.exe`), 'evil.exe');
  assert.equal(fileNameOf('a\r\nSet-Cookie: b'), 'a__Set-Cookie: b');
  assert.equal(fileNameOf('invoice\u202efdp.exe'), 'invoice_fdp.exe');
  assert.equal(fileNameOf('☃'.repeat(300))?.length, 255);
  for (const nothing of [undefined, '', '/', '..', 'a/..', ' . '])
    assert.equal(fileNameOf(nothing), undefined);
});

test('the time for a hostile field does not grow faster than the field', () => {
  for (const text of [
    `a${';a="'.repeat(2000)}`,
    `a;${'a='.repeat(4000)}`,
    `a;x="${'\\'.repeat(8001)}`,
    ';'.repeat(9000),
  ]) {
    assert.equal(parseParameters(text), undefined);
  }
});
