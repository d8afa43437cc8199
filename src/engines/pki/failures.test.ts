import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { failureOf } from '../../../test/support/failure.ts';
import { DAY_MS, pkiLab, type PkiSetup } from '../../../test/support/pki.ts';
import { openScope, tempDir } from '../../../test/support/scope.ts';
import { exitCodeOf } from '../../kernel/index.ts';
import { pkiCommands, readOwnCertificate } from './index.ts';

const scope = openScope();
after(() => scope.close());
const folder = await tempDir(scope, 'sallyport-pki');
const open = (setup: Omit<PkiSetup, 'folder'> = {}) => pkiLab({ folder, ...setup });

function write(name: string, text: string): string {
  const path = join(folder, `${randomUUID()}-${name}`);
  writeFileSync(path, text);
  return path;
}

test('a store that cannot be used is named, with exit 4, and nothing is made anew over it', async () => {
  const check = async (code: string, message: RegExp, prepare: (dataDir: string) => void) => {
    const { dataDir } = open();
    prepare(dataDir);
    const before = readFileSync(join(dataDir, 'pki', 'server.crt'), 'utf8');
    const error = await failureOf(() => open({ dataDir }));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.equal(exitCodeOf(error), 4);
    assert.equal(readFileSync(join(dataDir, 'pki', 'server.crt'), 'utf8'), before);
  };
  await check('PKI_MASTER_KEY', /missing/, (dataDir) => rmSync(join(dataDir, 'master.key')));
  await check('PKI_MASTER_KEY', /damaged/, (dataDir) => writeFileSync(join(dataDir, 'master.key'), 'short'));
  await check('PKI_MASTER_KEY', /open-to-others/, (dataDir) => chmodSync(join(dataDir, 'master.key'), 0o644));
  await check('PKI_SEALED', /not sealed with/, (dataDir) =>
    writeFileSync(join(dataDir, 'master.key'), randomBytes(32)),
  );
  await check('PKI_AUTHORITY', /ca\.key\.sealed: missing/, (dataDir) =>
    rmSync(join(dataDir, 'pki', 'ca.key.sealed')),
  );
  await check('PKI_AUTHORITY', /ca\.crt: missing/, (dataDir) => rmSync(join(dataDir, 'pki', 'ca.crt')));
  await check('PKI_AUTHORITY', /no certificate in it/, (dataDir) =>
    writeFileSync(join(dataDir, 'pki', 'ca.crt'), 'x'),
  );
  await check('PKI_AUTHORITY', /do not belong together/, (dataDir) =>
    writeFileSync(join(dataDir, 'pki', 'ca.crt'), open().pki.tlsSnapshot().caPem),
  );
});

test('a data directory that is a file is named', async () => {
  const file = write('file', '');
  const error = await failureOf(() => open({ dataDir: file }));
  assert.equal(error.code, 'PKI_STORE');
  assert.match(error.message, /ENOTDIR/);
});

test('a damaged server key is replaced: nobody has to trust anything anew', async () => {
  const { dataDir, pki } = open();
  const sealed = join(dataDir, 'pki', 'server.key.sealed');
  const bytes = readFileSync(sealed);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  writeFileSync(sealed, bytes);
  const again = open({ dataDir });
  assert.equal(again.pki.tlsSnapshot().caPem, pki.tlsSnapshot().caPem);
  assert.notEqual(again.pki.tlsSnapshot().certificatePem, pki.tlsSnapshot().certificatePem);
  assert.deepEqual(
    again.logged.map(([event]) => event),
    ['pki.server-unusable', 'pki.server-issued'],
  );
  assert.ok(again.pki.verify().every(({ state }) => state === 'ok'));
});

test("an operator's certificate is served, and the gateway's authority stays", async () => {
  const other = open().pki.tlsSnapshot();
  const certificateFile = write('own.pem', `junk before\n${other.certificatePem}${other.caPem}`);
  const keyFile = write('own.key', other.keyPem);
  const { pki } = open({ tls: () => ({ certificateFile, keyFile, names: [] }) });
  const snapshot = pki.tlsSnapshot();
  assert.equal(snapshot.certificatePem, other.certificatePem + other.caPem);
  assert.notEqual(snapshot.caPem, other.caPem);
  assert.deepEqual(
    pki.certificates().map(({ name, origin }) => [name, origin]),
    [
      ['authority', 'gateway'],
      ['server', 'operator'],
    ],
  );
  assert.ok(pki.verify().every(({ state }) => state === 'ok'));
  // A file that turns bad later leaves what is served.
  writeFileSync(keyFile, 'x');
  assert.equal((await failureOf(() => pki.refresh())).code, 'PKI_FILE');
  assert.deepEqual(pki.tlsSnapshot(), snapshot);
});

test("what is wrong with an operator's files is named, and none of it quoted", async () => {
  const now = Date.now();
  const { certificatePem, keyPem, caPem } = open().pki.tlsSnapshot();
  const cert = write('cert.pem', certificatePem);
  const key = write('key.pem', keyPem);
  const check = async (certificateFile: string, keyFile: string, code: string, message: RegExp, at = now) => {
    const error = await failureOf(() => readOwnCertificate(certificateFile, keyFile, at));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.equal(exitCodeOf(error), 2);
    const text = JSON.stringify([error.message, error.hint, error.details, String(error.cause)]);
    assert.ok(!text.includes(keyPem.slice(60, 90)) && !text.includes('marmalade'));
  };
  await check(join(folder, 'none.pem'), key, 'PKI_FILE', /tls\.certificateFile: .*missing/);
  await check(cert, join(folder, 'none.key'), 'PKI_FILE', /tls\.keyFile: .*missing/);
  await check(folder, key, 'PKI_FILE', /not-a-file/);
  await check(write('big', 'x'.repeat(300_000)), key, 'PKI_FILE', /too-large/);
  await check(key, key, 'PKI_FILE', /no certificate in it/);
  await check(write('bad', certificatePem.replace('MII', 'AAA')), key, 'PKI_FILE', /no certificate in it/);
  await check(cert, cert, 'PKI_FILE', /no private key in it/);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encrypted = privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'marmalade',
  });
  await check(cert, write('encrypted', String(encrypted)), 'PKI_FILE', /encrypted with a passphrase/);
  await check(
    cert,
    write('other', String(privateKey.export({ type: 'pkcs8', format: 'pem' }))),
    'PKI_KEY_MISMATCH',
    /not the key/,
  );
  await check(write('order', caPem + certificatePem), key, 'PKI_KEY_MISMATCH', /first certificate/);
  await check(cert, key, 'PKI_EXPIRED', /and not now/, now + 400 * DAY_MS);
  await check(cert, key, 'PKI_EXPIRED', /and not now/, now - DAY_MS);
});

test('verify finds what clients would find', async () => {
  const time = { now: Date.now() };
  const other = open({
    time,
    machine: () => ({ hostName: 'elsewhere.example', addresses: [] }),
  }).pki.tlsSnapshot();
  const stranger = open({ time }).pki.tlsSnapshot();
  const certificateFile = write('own.pem', other.certificatePem + stranger.caPem);
  const keyFile = write('own.key', other.keyPem);
  const { pki } = open({ time, tls: () => ({ certificateFile, keyFile, names: [] }) });
  const states = () => Object.fromEntries(pki.verify().map(({ check, state }) => [check, state]));
  assert.deepEqual(states(), {
    'authority-valid': 'ok',
    'server-valid': 'ok',
    'server-expiry': 'ok',
    'server-key': 'ok',
    'server-chain': 'bad',
    'server-names': 'warn',
  });
  time.now += 380 * DAY_MS;
  assert.equal(states()['server-expiry'], 'warn');
  time.now += 20 * DAY_MS;
  assert.equal(states()['server-valid'], 'bad');
  const [show, verify] = pkiCommands;
  const input = { words: {}, rest: [], options: {} };
  const io = { actor: 'local', progress: () => undefined };
  assert.equal((await verify?.run({ pki }, input, io))?.exit, 10);
  const shown = await show?.run({ pki }, input, io);
  assert.ok(!JSON.stringify(shown).includes('PRIVATE'));
  assert.equal((await verify?.run({ pki: open().pki }, input, io))?.exit, undefined);
});
