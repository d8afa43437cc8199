import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type CefMessage, formatCef } from './index.ts';

const BASE: CefMessage = {
  vendor: 'Sallyport',
  product: 'Service Gateway',
  version: '1.0',
  classId: 'decision.block',
  name: 'Request blocked',
  severity: 2,
  extension: {},
};

/** Reads CEF as the standard says it is read. */
function read(text: string): {
  readonly header: readonly string[];
  readonly extension: Record<string, string>;
} {
  const header: string[] = [];
  let at = 0;
  for (let field = ''; header.length < 7; at++) {
    if (text[at] === '\\') field += text[++at];
    else if (text[at] === '|') {
      header.push(field);
      field = '';
    } else field += text[at] ?? assert.fail('the header ends early');
  }
  const rest = text.slice(at);
  const keys = [...rest.matchAll(/(?:^| )([A-Za-z0-9]+)=/g)];
  const extension: Record<string, string> = {};
  for (const [index, match] of keys.entries()) {
    const value = rest.slice(match.index + match[0].length, keys[index + 1]?.index);
    extension[match[1]!] = value.replace(/\\([\\=n])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
  }
  return { header, extension };
}

test('bars, equals signs, backslashes and line ends are escaped where they matter', () => {
  const extension = { request: 'http://x/?a=b|c\\d\r\ne', cn1: 7, msg: '', suser: undefined };
  assert.equal(
    formatCef({ ...BASE, name: 'a|b\\c\nd=e', extension }),
    'CEF:0|Sallyport|Service Gateway|1.0|decision.block|a\\|b\\\\c d=e|2|request=http://x/?a\\=b|c\\\\d\\ne cn1=7',
  );
});

test('what nobody would see is written out', () => {
  const text = formatCef({ ...BASE, extension: { msg: '\u001b[2J\0\u202egpj.exe\ud800' } });
  assert.match(text, /msg=\\\\x1b\[2J\\\\x00\\\\x202egpj\.exe\ufffd$/);
});

test('whatever a peer sends, a reader finds the fields that were written, on one line', () => {
  const unit = fc.constantFrom(
    '|',
    '=',
    '\\',
    '\n',
    '\r',
    ' ',
    'a',
    'é',
    '\0',
    '\u007f',
    'act=allow',
    '\ud800',
  );
  const hostile = fc.string({ unit, maxLength: 50 });
  fc.assert(
    fc.property(hostile, hostile, hostile, (name, request, user) => {
      const extension = { act: 'block', request: `x${request}`, suser: `y${user}`, outcome: 'z' };
      const text = formatCef({ ...BASE, name, extension });
      assert.doesNotMatch(text, /[\r\n\0]/);
      const found = read(text);
      assert.deepEqual(found.header.slice(0, 5), [
        'CEF:0',
        'Sallyport',
        'Service Gateway',
        '1.0',
        'decision.block',
      ]);
      assert.deepEqual(Object.keys(found.extension), ['act', 'request', 'suser', 'outcome']);
      assert.deepEqual([found.extension['act'], found.extension['outcome']], ['block', 'z']);
    }),
  );
});

test('a field of 64 KiB of what is escaped is written in linear time', () => {
  const { extension } = read(formatCef({ ...BASE, extension: { msg: '=\\'.repeat(32_768), act: 'block' } }));
  assert.equal(extension['msg']?.length, 65_536);
  assert.equal(extension['act'], 'block');
});
