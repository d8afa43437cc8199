import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CHAR_CLASS,
  equals,
  FIELD,
  type FieldFault,
  FieldScanner,
  FieldTable,
  isToken,
  knownField,
  matchesLower,
  parseTokenList,
  TARGET_CHAR,
  TOKEN_CHAR,
  VALUE_CHAR,
} from './index.ts';

/** All bytes of a class as one text. */
function members(bit: number): string {
  return Array.from({ length: 256 }, (_, byte) =>
    (CHAR_CLASS[byte]! & bit) === 0 ? '' : String.fromCharCode(byte),
  ).join('');
}

test('classes of bytes', () => {
  assert.equal(
    members(TOKEN_CHAR),
    "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~",
  );
  assert.equal(members(VALUE_CHAR).length, 1 + 95 + 128);
  assert.ok(!/[\0-\x08\x0a-\x1f\x7f]/.test(members(VALUE_CHAR)));
  assert.equal(members(TARGET_CHAR).length, 93);
  assert.ok(!/[#\s\x7f-\xff]/.test(members(TARGET_CHAR)));
});

test('known fields, in any case, and names that pass for framing', () => {
  const check = (name: string, field: number): void => {
    const bytes = Buffer.from(`--${name}--`, 'latin1');
    assert.equal(knownField(bytes, 2, 2 + name.length), field, name);
  };
  const names: Readonly<Record<string, number>> = {
    Host: FIELD.HOST,
    'Content-Length': FIELD.CONTENT_LENGTH,
    'Transfer-Encoding': FIELD.TRANSFER_ENCODING,
    Connection: FIELD.CONNECTION,
    Upgrade: FIELD.UPGRADE,
    Expect: FIELD.EXPECT,
    Trailer: FIELD.TRAILER,
    'Keep-Alive': FIELD.KEEP_ALIVE,
    'Proxy-Connection': FIELD.PROXY_CONNECTION,
    'Proxy-Authorization': FIELD.PROXY_AUTHORIZATION,
    'Proxy-Authenticate': FIELD.PROXY_AUTHENTICATE,
    'Proxy-Authentication-Info': FIELD.PROXY_AUTHENTICATION_INFO,
    TE: FIELD.TE,
    'HTTP2-Settings': FIELD.HTTP2_SETTINGS,
  };
  for (const [name, field] of Object.entries(names)) {
    check(name, field);
    check(name.toUpperCase(), field);
    check(name.toLowerCase(), field);
    check(`x${name.slice(1)}`, FIELD.OTHER);
    check(`${name.slice(0, -1)}#`, FIELD.OTHER);
    check(`${name}s`, FIELD.OTHER);
  }
  check('Content_Length', FIELD.DISGUISED);
  check('TRANSFER.ENCODING', FIELD.DISGUISED);
  check('contentxlength', FIELD.DISGUISED);
});

test('matchesLower and equals', () => {
  const bytes = Buffer.from('xKeep-@lIVE', 'latin1');
  assert.equal(matchesLower(bytes, 1, 'keep-'), true);
  assert.equal(matchesLower(bytes, 1, 'keep-`'), false);
  assert.equal(matchesLower(Buffer.from('\r'), 0, '-'), false);
  assert.equal(equals(bytes, 1, 'Keep'), true);
  assert.equal(equals(bytes, 1, 'keep'), false);
  assert.equal(equals(bytes, 9, 'VEX'), false);
});

function scan(text: string, fieldsMax = 10): { result: string; table: FieldTable; scanner: FieldScanner } {
  // Something before and behind, so that a wrong base or end is seen.
  const bytes = Buffer.from(`??${text}: x\r\n\r\n`, 'latin1');
  const scanner = new FieldScanner(fieldsMax);
  scanner.begin(1);
  const result = scanner.scan(bytes, 1, 2 + text.length);
  return { result, scanner, table: new FieldTable(bytes, 1, scanner.offsets.slice(0, scanner.used)) };
}

test('the scanner stops at the blank line and tells what it saw', () => {
  const { result, table, scanner } = scan('Host: a\r\nX:\t b \r\nhost:\r\n\r\nrest');
  assert.equal(result, 'done');
  assert.equal(scanner.position, 1 + 'Host: a\r\nX:\t b \r\nhost:\r\n\r\n'.length);
  assert.equal(scanner.seen, 1 << FIELD.HOST);
  assert.equal(scanner.twice, 1 << FIELD.HOST);
  assert.equal(table.count, 3);
  assert.deepEqual(table.all('host'), ['a', '']);
  assert.equal(table.get('x'), 'b');
  assert.deepEqual([table.known(0), table.known(1), table.known(9)], [FIELD.HOST, FIELD.OTHER, FIELD.OTHER]);
  assert.deepEqual(
    [table.indexOf('host', 1), table.indexOf('host', 3), table.indexOfKnown(FIELD.TE)],
    [2, -1, -1],
  );
  assert.deepEqual(
    [table.valueIs(0, 'a'), table.valueIs(0, 'A'), table.valueIs(0, 'ab')],
    [true, false, false],
  );
});

test('the scanner judges whole lines only', () => {
  for (const text of ['', 'X', 'X: y', 'X: y\r', 'X \0', 'X: \0 y', '\r', ' fold', 'X: y\r\n\r']) {
    assert.equal(scan(text).result, 'more', JSON.stringify(text));
  }
  const faults: Readonly<Record<string, FieldFault>> = {
    'X y: z\n': 'space-before-colon',
    ' X: y\n': 'folded',
    ': y\n': 'bad-name',
    '\x00: y\n': 'bad-name',
    'X\n': 'bare-lf',
    '\n': 'bare-lf',
    'X: y\n': 'bare-lf',
    'X: y\r \n': 'bare-cr',
    '\rX\n': 'bare-cr',
    'X\r: y\n': 'bare-cr',
    'X: \x01\n': 'bad-value',
    'Content_Length: 1\r\n': 'disguised',
  };
  for (const [text, fault] of Object.entries(faults))
    assert.equal(scan(text).result, fault, JSON.stringify(text));
  assert.equal(scan('A:\r\nB:\r\nC:\r\n', 2).result, 'too-many');
});

test('lists of tokens', () => {
  assert.deepEqual(parseTokenList('a,b,c,,', 3), ['a', 'b', 'c']);
  assert.equal(parseTokenList('a,b,c,d', 3), undefined);
  assert.deepEqual(parseTokenList('', 3), []);
  assert.deepEqual(parseTokenList(' , ,', 3), []);
  assert.deepEqual(parseTokenList('Close', 3), ['close']);
  assert.deepEqual(parseTokenList('a ,\tB,,c', 3), ['a', 'b', 'c']);
  for (const text of ['a b', 'a;b', '"a"', 'a,b c', '\xe4', '\u{100}'])
    assert.equal(parseTokenList(text, 3), undefined, text);
  assert.deepEqual([isToken(''), isToken('a-b'), isToken('a b')], [false, true, false]);
});
