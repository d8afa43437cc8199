import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUuid, uuidOfName } from './uuid.ts';

test('the example of RFC 9562 appendix A.4', () => {
  const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  assert.equal(uuidOfName(dns, 'www.example.com'), '2ed6657d-e927-568b-95e1-2665a8aea6a2');
});

test('what is a UUID', () => {
  assert.ok(isUuid('2ED6657D-e927-568b-95e1-2665a8aea6a2'));
  for (const text of ['', '2ed6657d-e927-568b-95e1-2665a8aea6a', '../2ed6657d-e927-568b-95e1-2665a8aea6a2'])
    assert.ok(!isUuid(text));
});
