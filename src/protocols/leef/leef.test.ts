import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatLeef, type LeefMessage } from './index.ts';

const BASE: LeefMessage = {
  vendor: 'Sallyport',
  product: 'Service Gateway',
  version: '1.0',
  eventId: 'decision.block',
  attributes: {},
};

test('attributes have a tab between them, which the header names', () => {
  const attributes = { src: '10.0.0.7', url: 'http://x/?a=b|c', sev: 5, policy: '', usrName: undefined };
  assert.equal(
    formatLeef({ ...BASE, eventId: 'a|b\n\u001b', attributes }),
    'LEEF:2.0|Sallyport|Service Gateway|1.0|a b \\x1b|x09|src=10.0.0.7\turl=http://x/?a=b|c\tsev=5',
  );
});

test('no value can begin another attribute or another line', () => {
  const unit = fc.constantFrom('\t', '\n', '\r', '=', '|', 'usrName=root', '\0', 'a', '\u2028', '\udfff');
  const hostile = fc.string({ unit, maxLength: 50 });
  fc.assert(
    fc.property(hostile, hostile, (url, user) => {
      const text = formatLeef({ ...BASE, attributes: { url: `x${url}`, usrName: `y${user}`, sev: 1 } });
      assert.doesNotMatch(text, /[\r\n\0\u2028]/);
      const pairs = text.split('|').slice(6).join('|').split('\t');
      assert.deepEqual(
        pairs.map((pair) => pair.slice(0, pair.indexOf('='))),
        ['url', 'usrName', 'sev'],
      );
    }),
  );
});
