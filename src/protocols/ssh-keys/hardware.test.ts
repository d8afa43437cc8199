import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeToken, TOUCHED, VERIFIED } from '../../../test/support/ssh-token.ts';
import { keyLine, parseKeyLine, parsePublicKey } from './public-key.ts';
import { isSignedBy, isUserVerified } from './signature.ts';

const message = Buffer.from('what the client wants signed');

for (const kind of ['ed25519', 'ecdsa'] as const) {
  test(`${kind}: a hardware key signs when somebody touched it, for its application alone`, () => {
    const token = makeToken(kind);
    const key = parseKeyLine(token.line)!.key;
    assert.equal(keyLine(key, kind), token.line);
    assert.equal(key.application, 'ssh:');
    // Integers of ECDSA have several lengths.
    for (let count = 0; count < 40; count++) assert.ok(isSignedBy(key, message, token.sign(message)));
    const signature = token.sign(message);
    assert.ok(!isSignedBy(key, Buffer.from('something else'), signature));
    assert.ok(!isSignedBy(key, message, token.sign(message, 0)), 'nobody touched it');
    assert.ok(!isSignedBy(key, message, token.sign(message, VERIFIED)), 'nobody touched it');
    assert.ok(!isSignedBy({ ...key, application: 'ssh:other' }, message, signature));
    for (let at = 0; at < signature.length; at++) {
      const changed = Buffer.from(signature);
      changed[at] = changed[at]! ^ 1;
      assert.ok(!isSignedBy(key, message, changed), String(at));
      assert.ok(!isSignedBy(key, message, signature.subarray(0, at)), String(at));
    }
    assert.ok(!isSignedBy(key, message, Buffer.concat([signature, Buffer.of(0)])));
    assert.equal(isUserVerified(signature), false);
    assert.equal(isUserVerified(token.sign(message, TOUCHED | VERIFIED)), true);
  });

  test(`${kind}: a hardware key that is cut is none`, () => {
    const { blob } = makeToken(kind);
    for (let length = 0; length < blob.length; length++)
      assert.equal(parsePublicKey(blob.subarray(0, length)), undefined, String(length));
  });
}
