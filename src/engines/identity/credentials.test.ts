import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { assertNoSquare } from '../../../test/support/cost.ts';
import { parseAuthorization } from './credentials.ts';
import { hashPassword, passwordFits } from './password.ts';

/** Invariant: any header is credentials or a reason, at a cost that is linear, and Basic survives the way there and back. */
test('any header is credentials or a reason', async () => {
  const header = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().map((text) => `Basic ${text}`),
    fc.string().map((text) => `Bearer ${text}`),
  );
  fc.assert(
    fc.property(header, (text) => {
      const result = parseAuthorization(text);
      if (typeof result === 'string') assert.ok(result === 'missing' || result === 'malformed');
      else assert.ok(result.scheme === 'basic' || result.scheme === 'bearer');
    }),
  );
  const printable = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text));
  fc.assert(
    fc.property(
      printable.filter((text) => !text.includes(':')),
      printable,
      (user, password) => {
        const shown = parseAuthorization(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
        assert.deepEqual(shown, { scheme: 'basic', user, password });
      },
    ),
  );
  for (const text of [
    ' '.repeat(8000),
    `Basic ${' '.repeat(8000)}x`,
    `Basic ${'A'.repeat(8000)}!`,
    `${'a'.repeat(8000)} `,
  ]) {
    await assertNoSquare(50, text.slice(0, 8), () => parseAuthorization(text));
  }
});

test('password hashes say their parameters, differ by salt, and fit in any normal form', async () => {
  let count = 0;
  const random = (size: number) => new Uint8Array(size).fill(++count);
  const hash = await hashPassword('Größe und Länge', random);
  assert.match(hash, /^\$scrypt\$ln=14,r=8,p=5\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.notEqual(await hashPassword('Größe und Länge', random), hash);
  assert.equal(await passwordFits('Größe und Länge'.normalize('NFD'), hash), true);
  assert.equal(await passwordFits('Größe und Länge.', hash), false);
  // RFC 7914 §12, third vector: parameters are taken from the hash.
  assert.equal(
    await passwordFits(
      'pleaseletmein',
      '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI',
    ),
    true,
  );
  for (const broken of [
    null,
    undefined,
    '',
    'x',
    '$scrypt$ln=14,r=8,p=5$AAAA',
    '$argon2id$v=19$m=1,t=1,p=1$AAAA$AAAA',
  ]) {
    assert.equal(await passwordFits('x', broken), false);
  }
});
