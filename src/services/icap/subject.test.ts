import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupsIn, userIn } from './subject.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('names of users: base64 or plain, with an address in front or without', () => {
  for (const [given, expected] of [
    [base64('Local://alice'), 'alice'],
    [base64('WinNT://CORP/anna'), 'CORP\\anna'],
    [base64('WinNT://anna'), 'anna'],
    [base64('LDAP://dc.corp.test/CN=Anna B\\, C,OU=Sales,DC=corp,DC=test'), 'Anna B, C'],
    [base64('LDAP://dc.corp.test/cn=J\\C3\\BCrgen,dc=test'), 'Jürgen'],
    ['Local://bob', 'bob'],
    ['bob', 'bob'],
    // Looks like base64 and is not meant so.
    ['bobs', 'bobs'],
    ['anna@corp.test', 'anna@corp.test'],
    [base64('anna'), 'anna'],
    [Buffer.from('Jürgen').toString('latin1'), 'Jürgen'],
    ['-', undefined],
    ['', undefined],
    [undefined, undefined],
    ['a\tb', undefined],
    ['x'.repeat(20_000), undefined],
  ] as const) {
    assert.equal(userIn(given), expected, String(given).slice(0, 60));
  }
});

test('names of groups: a list, whose distinguished names have commas of their own', () => {
  const two = 'LDAP://dc.test/CN=Sales,OU=Groups,DC=test, LDAP://dc.test/CN=Board,OU=Groups,DC=test';
  assert.deepEqual(groupsIn(base64(two)), ['Sales', 'Board']);
  assert.deepEqual(groupsIn('WinNT://CORP/Sales,WinNT://CORP/Board'), ['CORP\\Sales', 'CORP\\Board']);
  assert.deepEqual(groupsIn('sales, board, sales'), ['sales', 'board']);
  assert.equal(groupsIn(undefined), undefined);
  const many = Array.from({ length: 1000 }, (_, at) => `g${at}`).join(',');
  assert.equal(groupsIn(many)?.length, 256);
});
