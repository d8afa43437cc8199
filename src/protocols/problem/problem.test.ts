import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemJson } from './index.ts';

test('a problem has the members of RFC 9457, a code and a hint', () => {
  assert.equal(
    problemJson({
      status: 403,
      code: 'scope-missing',
      title: 'No',
      detail: 'd"',
      hint: 'h',
      more: { scope: 'read' },
    }),
    '{"type":"urn:sallyport:problem:scope-missing","title":"No","status":403,"detail":"d\\"","code":"scope-missing","hint":"h","scope":"read"}\n',
  );
});

test('what is not given is left out', () => {
  assert.equal(
    problemJson({ status: 404, code: 'not-found', title: 'Not found' }),
    '{"type":"urn:sallyport:problem:not-found","title":"Not found","status":404,"code":"not-found"}\n',
  );
});
