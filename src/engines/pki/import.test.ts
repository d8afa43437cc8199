import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, X509Certificate, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY_MS, pkiLab, type PkiSetup } from '../../../test/support/pki.ts';
import { openScope, tempDir } from '../../../test/support/scope.ts';
import {
  authorityExtensions,
  distinguishedName,
  keyIdentifier,
  serverExtensions,
  signCertificate,
} from './certificate.ts';
import { chainOf } from './own-certificate.io.ts';

const scope = openScope();
after(() => scope.close());
const folder = await tempDir(scope, 'sallyport-pki-import');
const open = (setup: Omit<PkiSetup, 'folder'> = {}) => pkiLab({ folder, ...setup });
const NOW = Date.now();

interface Holder {
  readonly pem: string;
  readonly name: string;
  readonly key: KeyObject;
  readonly keyPem: string;
}

type Kind = 'authority' | 'server';
interface How {
  readonly issuer?: Holder;
  readonly names?: readonly string[];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly rsaBits?: number;
}

/** A certificate of somebody else's authority. */
function make(kind: Kind, name: string, how: How = {}): Holder {
  const {
    issuer,
    names = ['gw.corp.example'],
    fromMs = NOW - DAY_MS,
    toMs = NOW + 90 * DAY_MS,
    rsaBits,
  } = how;
  const { publicKey, privateKey: key } =
    rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
      : generateKeyPairSync('rsa', { modulusLength: rsaBits });
  const certificate = signCertificate({
    subject: name,
    publicKey,
    issuer: { name: distinguishedName(issuer?.name ?? name), key: issuer?.key ?? key },
    notBeforeMs: fromMs,
    notAfterMs: toMs,
    serial: randomBytes(16),
    extensions:
      kind === 'authority'
        ? authorityExtensions(publicKey)
        : serverExtensions(publicKey, keyIdentifier(issuer?.key ?? key), names),
  });
  return { pem: certificate, name, key, keyPem: String(key.export({ type: 'pkcs8', format: 'pem' })) };
}

const ROOT = make('authority', 'corp root');
const SUB = make('authority', 'corp issuing', { issuer: ROOT, rsaBits: 2048 });
const SERVER = make('server', 'gw.corp.example', { issuer: SUB });

function pem(...parts: readonly (Holder | string)[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : part.pem)).join('\n');
}

test('an imported certificate is shown with its chain, kept sealed, and given up again', () => {
  const { pki, dataDir, time } = open();
  const before = pki.tlsSnapshot();
  pki.importServer(pem(SERVER.keyPem, SERVER, SUB, ROOT));
  const snapshot = pki.tlsSnapshot();
  assert.deepEqual(chainOf(snapshot.certificatePem).map(String), chainOf(pem(SERVER, SUB, ROOT)).map(String));
  assert.equal(snapshot.keyPem, SERVER.keyPem);
  assert.equal(snapshot.caPem, before.caPem, 'the own authority stays');
  assert.deepEqual(
    pki.certificates().map(({ name, origin }) => `${name} ${origin}`),
    ['authority gateway', 'server imported'],
  );
  assert.deepEqual(
    pki.verify().filter(({ state }) => state === 'bad'),
    [],
  );

  const next = open({ dataDir, time });
  assert.equal(next.pki.tlsSnapshot().keyPem, SERVER.keyPem, 'also after a restart');
  time.now += 91 * DAY_MS;
  assert.equal(next.pki.refresh() && next.pki.tlsSnapshot().keyPem === SERVER.keyPem, true);
  const bad = next.pki.verify().filter(({ state }) => state === 'bad');
  assert.deepEqual(
    bad.map(({ check }) => check),
    ['server-valid'],
    'what has ended is shown, and said',
  );
  next.pki.removeServer();
  assert.equal(next.pki.certificates()[1]?.origin, 'gateway');
  assert.throws(() => next.pki.removeServer(), { code: 'PKI_NOT_IMPORTED' });
});

test('what cannot be used is refused with the reason, and what is shown stays', () => {
  const { pki } = open();
  const before = pki.tlsSnapshot().certificatePem;
  const locked = String(
    SERVER.key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
  );
  const own = (how: How, kind: Kind = 'server'): string => {
    const made = make(kind, 'x', how);
    return pem(made, made.keyPem);
  };
  for (const [given, problem] of [
    ['', /no certificate in it/],
    [pem(SERVER), /no private key/],
    [pem(SERVER, locked), /has a passphrase/],
    [pem(SERVER, SERVER.keyPem, ROOT.keyPem), /several private keys/],
    [pem(SERVER, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'), /key cannot be read/],
    [pem(SERVER, ROOT.keyPem), /not the key of the first/],
    [pem(SUB, SERVER, SERVER.keyPem), /belongs to certificate 2/],
    [pem(SERVER, ROOT, SUB, SERVER.keyPem), /certificate 1 is not signed/],
    [pem(...Array.from({ length: 11 }, () => SERVER), SERVER.keyPem), /more than 10/],
    [own({ fromMs: NOW + DAY_MS }), /not valid before/],
    [own({ toMs: NOW - 1000 }), /expired at/],
    [own({ names: [] }), /names no host/],
    [own({ rsaBits: 1024 }), /1024 bits/],
    [own({}, 'authority'), /is an authority/],
    ['x'.repeat(300_000), /more than 262144/],
  ] as const) {
    const failure = (error: Error & { readonly code?: string }): boolean => {
      assert.equal(error.code, 'PKI_IMPORT');
      assert.match(error.message, problem);
      return true;
    };
    assert.throws(() => pki.importServer(given), failure, String(problem));
  }
  assert.equal(pki.tlsSnapshot().certificatePem, before);
  const set = open({ tls: () => ({ certificateFile: '/no/such', keyFile: undefined, names: [] }) });
  assert.throws(() => set.pki.importServer(pem(SERVER, SERVER.keyPem)), { code: 'PKI_SETTING' });
});

test('an imported authority signs from now on, under its own name and with its chain', () => {
  const { pki, dataDir, time } = open();
  assert.throws(() => pki.importAuthority(pem(SERVER, SERVER.keyPem), true), /may not sign/);
  assert.throws(() => pki.importAuthority(pem(SUB, SUB.keyPem), false), { code: 'PKI_REPLACE' });
  pki.importAuthority(pem(SUB, ROOT, SUB.keyPem), true);
  const check = (lab: typeof pki): void => {
    const { certificatePem, caPem } = lab.tlsSnapshot();
    const [server, above, ...more] = chainOf(certificatePem);
    assert.deepEqual([above?.subject, more.length], [new X509Certificate(SUB.pem).subject, 0]);
    assert.equal(
      String(new X509Certificate(caPem)),
      String(new X509Certificate(ROOT.pem)),
      'clients trust the root',
    );
    assert.ok(server !== undefined && above !== undefined);
    assert.ok(server.checkIssued(above) && server.verify(above.publicKey));
    assert.ok(server.validToDate.getTime() <= NOW + 90 * DAY_MS);
    assert.equal(lab.certificates()[0]?.origin, 'imported');
    assert.deepEqual(
      lab.verify().filter(({ state }) => state === 'bad'),
      [],
    );
  };
  check(pki);
  check(open({ dataDir, time }).pki);
});

test('a kill in the middle of an import leaves the pair before or the new one', () => {
  const { pki, dataDir, time } = open();
  pki.importServer(pem(SERVER, SUB, SERVER.keyPem));
  const other = make('server', 'other', { issuer: SUB });
  pki.importServer(pem(other, SUB, other.keyPem));
  const file = (name: string): string => join(dataDir, 'pki', name);
  assert.deepEqual(
    readdirSync(join(dataDir, 'pki')).filter((name) => name.includes('next')),
    [],
  );
  // As if the process had ended between the two renames: the key is in its place, the certificate is not yet.
  renameSync(file('imported.crt'), file('imported.crt.next'));
  assert.equal(open({ dataDir, time }).pki.tlsSnapshot().keyPem, other.keyPem);
  // And before: both wait.
  renameSync(file('imported.crt'), file('imported.crt.next'));
  renameSync(file('imported.key.sealed'), file('imported.key.sealed.next'));
  assert.equal(open({ dataDir, time }).pki.tlsSnapshot().keyPem, other.keyPem);
  // Only the new key is there: the pair before stays.
  const third = make('server', 'third', { issuer: SUB });
  const elsewhere = open();
  elsewhere.pki.importServer(pem(third, SUB, third.keyPem));
  renameSync(join(elsewhere.dataDir, 'pki', 'imported.key.sealed'), file('imported.key.sealed.next'));
  assert.equal(open({ dataDir, time }).pki.tlsSnapshot().keyPem, other.keyPem);
  assert.equal(existsSync(file('imported.crt')), true);
});
