import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isSignedByAuthority, parseCertificate } from './certificate.ts';
import { encodeEd25519, encodePublicKey } from './private-key.ts';
import { fingerprint, keyLine, parseKeyLine, parsePublicKey } from './public-key.ts';
import { isSignedBy } from './signature.ts';
import { string, uint32 } from './wire.ts';

/** Made with ssh-keygen of OpenSSH 9.2. */
const LINES = {
  ed25519: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl github',
};

const pair = generateKeyPairSync('ed25519');

function sshSignature(name: string, value: Uint8Array): Buffer {
  return Buffer.concat([string(name), string(value)]);
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function makeCertificate(
  holder: KeyObject,
  authority: { publicKey: KeyObject; privateKey: KeyObject },
): Buffer {
  const signed = Buffer.concat([
    string('ssh-ed25519-cert-v01@openssh.com'),
    string(Buffer.alloc(32, 7)),
    encodePublicKey(holder).subarray(4 + 'ssh-ed25519'.length),
    uint64(42n),
    uint32(1),
    string('alice of the day'),
    string(Buffer.concat([string('alice'), string('ops')])),
    uint64(1000n),
    uint64(2000n),
    string(Buffer.concat([string('source-address'), string(string('10.0.0.0/8'))])),
    string(Buffer.concat([string('permit-pty'), string('')])),
    string(''),
    string(encodePublicKey(authority.publicKey)),
  ]);
  const signature = sshSignature('ssh-ed25519', sign(null, signed, authority.privateKey));
  return Buffer.concat([signed, string(signature)]);
}

test('a line of a key file gives the key, its comment and the fingerprint that ssh-keygen shows', () => {
  const parsed = parseKeyLine(LINES.ed25519);
  assert.equal(parsed?.comment, 'github');
  assert.equal(keyLine(parsed.key, 'github'), LINES.ed25519);
  assert.equal(fingerprint(parsed.key.blob), 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
});

test('keys that are weak, cut or in disguise are refused', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  assert.equal(parsePublicKey(encodePublicKey(weak)), undefined);
  const blob = encodePublicKey(pair.publicKey);
  for (let length = 0; length < blob.length; length++) {
    assert.equal(parsePublicKey(blob.subarray(0, length)), undefined, String(length));
  }
  assert.equal(parsePublicKey(Buffer.concat([blob, Buffer.of(0)])), undefined);
  assert.equal(parseKeyLine(`ssh-rsa ${blob.toString('base64')}`), undefined);
  assert.equal(parseKeyLine(`command="x" ${LINES.ed25519}`), undefined);
});

test('signatures fit their key and bytes alone, and SHA-1 fits nothing', () => {
  const message = Buffer.from('a message');
  const key = parsePublicKey(encodePublicKey(pair.publicKey))!;
  const good = sshSignature('ssh-ed25519', sign(null, message, pair.privateKey));
  assert.ok(isSignedBy(key, message, good));
  assert.ok(!isSignedBy(key, Buffer.from('another'), good));
  assert.ok(!isSignedBy(key, message, Buffer.concat([good, Buffer.of(0)])));

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsaKey = parsePublicKey(encodePublicKey(rsa.publicKey))!;
  assert.ok(
    isSignedBy(rsaKey, message, sshSignature('rsa-sha2-512', sign('sha512', message, rsa.privateKey))),
  );
  assert.ok(!isSignedBy(rsaKey, message, sshSignature('ssh-rsa', sign('sha1', message, rsa.privateKey))));
  assert.ok(
    !isSignedBy(rsaKey, message, sshSignature('rsa-sha2-256', sign('sha512', message, rsa.privateKey))),
  );
});

test('a certificate gives what stands in it, and every changed byte breaks its signature', () => {
  const blob = makeCertificate(generateKeyPairSync('ed25519').publicKey, pair);
  const certificate = parseCertificate(blob)!;
  assert.ok(isSignedByAuthority(certificate));
  assert.deepEqual(
    [certificate.kind, certificate.keyId, certificate.serial, certificate.principals],
    ['user', 'alice of the day', 42n, ['alice', 'ops']],
  );
  assert.deepEqual([...certificate.critical], [['source-address', '10.0.0.0/8']]);
  assert.deepEqual([...certificate.extensions], [['permit-pty', '']]);
  for (let at = 0; at < blob.length; at++) {
    const changed = Buffer.from(blob);
    changed[at] = changed[at]! ^ 1;
    const parsed = parseCertificate(changed);
    assert.ok(parsed === undefined || !isSignedByAuthority(parsed), String(at));
  }
});

test('no bytes make a parser throw', () => {
  const blob = makeCertificate(generateKeyPairSync('ed25519').publicKey, pair);
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(blob.length - 1), value: fc.nat(255) }), { maxLength: 8 }),
      fc.nat(blob.length),
      (changes, length) => {
        const changed = Buffer.from(blob);
        for (const { at, value } of changes) changed[at] = value;
        parseCertificate(changed.subarray(0, length));
        parsePublicKey(changed.subarray(0, length));
      },
    ),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parsePublicKey(bytes)));
});

test('a private key is written as OpenSSH reads it', () => {
  const text = encodeEd25519(pair.privateKey, 1234);
  assert.match(text, /^-----BEGIN OPENSSH PRIVATE KEY-----\n[\s\S]+-----END OPENSSH PRIVATE KEY-----\n$/);
});
