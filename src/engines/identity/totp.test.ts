import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base32, totpAt, totpStep, totpUri } from './totp.ts';

const SECRET = Buffer.from('12345678901234567890');

test('codes are those of RFC 6238 appendix B, cut to six digits', () => {
  const vectors: readonly (readonly [number, string])[] = [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ];
  for (const [seconds, code] of vectors) assert.equal(totpAt(SECRET, seconds * 1000), code);
});

test('a code is good for one step before and after its own, once, and spaces in it do not matter', () => {
  const now = 1_111_111_111_000;
  const step = Math.floor(now / 30_000);
  const code = totpAt(SECRET, now);
  assert.equal(totpStep(SECRET, `${code.slice(0, 3)} ${code.slice(3)}`, now, 0), step);
  assert.equal(totpStep(SECRET, code, now + 30_000, 0), step);
  assert.equal(totpStep(SECRET, code, now - 30_000, 0), step);
  assert.equal(totpStep(SECRET, code, now + 60_000, 0), undefined);
  assert.equal(totpStep(SECRET, code, now, step), undefined);
  assert.equal(totpStep(SECRET, 'x', now, 0), undefined);
  // The last one was taken while the clock was a month ahead.
  assert.equal(totpStep(SECRET, code, now, step + 86_400), step);
});

test('the secret is written in the base 32 of RFC 4648', () => {
  for (const [text, encoded] of [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const)
    assert.equal(base32(Buffer.from(text)), encoded);
  assert.equal(
    totpUri(SECRET, 'a@b', 'Sally port'),
    'otpauth://totp/Sally%20port:a%40b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Sally%20port',
  );
});
