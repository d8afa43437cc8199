import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { randomUUID, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, createServer, type Server } from 'node:tls';
import { promisify } from 'node:util';
import { DAY_MS, pkiLab, type PkiSetup } from '../../../test/support/pki.ts';
import { openScope, tempDir } from '../../../test/support/scope.ts';

const scope = openScope();
after(() => scope.close());
const folder = await tempDir(scope, 'sallyport-pki');
const open = (setup: Omit<PkiSetup, 'folder'> = {}) => pkiLab({ folder, ...setup });

function write(name: string, text: string): string {
  const path = join(folder, `${randomUUID()}-${name}`);
  writeFileSync(path, text);
  return path;
}

const has = (program: string) => spawnSync(program, ['-h']).error === undefined;

async function serve(snapshot: {
  certificatePem: string;
  keyPem: string;
}): Promise<{ server: Server; port: number }> {
  const server = createServer({ cert: snapshot.certificatePem, key: snapshot.keyPem }, (socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { server, port: address.port };
}

test('the authority and the server certificate say what they should', () => {
  const { pki, time } = open();
  const { caPem, certificatePem, ticketKeys } = pki.tlsSnapshot();
  const [ca, server] = [new X509Certificate(caPem), new X509Certificate(certificatePem)];
  assert.equal(ca.ca, true);
  assert.equal(ca.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.ok(ca.verify(ca.publicKey));
  assert.ok(Math.abs(ca.validToDate.getTime() - time.now - 3653 * DAY_MS) < 2000);
  assert.equal(server.ca, false);
  assert.ok(server.checkIssued(ca) && server.verify(ca.publicKey));
  assert.ok(server.validToDate.getTime() - server.validFromDate.getTime() <= 397 * DAY_MS);
  for (const name of ['gw.corp.example', 'localhost', 'proxy.corp.example'])
    assert.equal(server.checkHost(name), name);
  for (const ip of ['127.0.0.1', '::1', '192.0.2.7', '2001:db8::7'])
    assert.ok(server.checkIP(ip) !== undefined, ip);
  assert.equal(server.checkIP('fe80::1'), undefined);
  assert.notEqual(ca.serialNumber, server.serialNumber);
  assert.equal(Buffer.from(ticketKeys, 'base64').length, 48);
});

test('OpenSSL agrees', { skip: !has('openssl') && 'openssl is missing' }, () => {
  const { pki } = open();
  const { caPem, certificatePem } = pki.tlsSnapshot();
  const [ca, server] = [write('ca.pem', caPem), write('server.pem', certificatePem)];
  const verified = execFileSync('openssl', [
    'verify',
    '-x509_strict',
    '-purpose',
    'sslserver',
    '-verify_hostname',
    'gw.corp.example',
    '-CAfile',
    ca,
    server,
  ]);
  assert.match(String(verified), /: OK/);
  const text = String(execFileSync('openssl', ['x509', '-in', server, '-noout', '-text']));
  for (const expected of [
    /Version: 3/,
    /ecdsa-with-SHA256/,
    /Basic Constraints: critical\s+CA:FALSE/,
    /Key Usage: critical\s+Digital Signature\n/,
    /Extended Key Usage:\s+TLS Web Server Authentication/,
    /Authority Key Identifier/,
    /Subject Key Identifier/,
    /DNS:proxy\.corp\.example, DNS:gw\.corp\.example, DNS:localhost, IP Address:127\.0\.0\.1/,
  ]) {
    assert.match(text, expected);
  }
  const authority = String(execFileSync('openssl', ['x509', '-in', ca, '-noout', '-text']));
  assert.match(authority, /Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
  assert.match(authority, /Key Usage: critical\s+Certificate Sign, CRL Sign/);
  // The encoding is DER and not merely BER: decoding and encoding again gives the same bytes.
  const again = execFileSync('openssl', ['x509', '-in', server, '-outform', 'DER']);
  assert.deepEqual(again, new X509Certificate(certificatePem).raw);
});

test('a client that trusts the authority, and no other, gets through', async () => {
  const { pki } = open();
  const snapshot = pki.tlsSnapshot();
  const { server, port } = await serve(snapshot);
  const handshake = async (ca: string, servername: string) => {
    const socket = connect({ port, host: '127.0.0.1', ca, servername });
    try {
      await once(socket, 'secureConnect');
      return socket.authorized;
    } finally {
      socket.destroy();
    }
  };
  assert.equal(await handshake(snapshot.caPem, 'gw.corp.example'), true);
  await assert.rejects(handshake(snapshot.caPem, 'other.example'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  await assert.rejects(
    handshake(open().pki.tlsSnapshot().caPem, 'gw.corp.example'),
    /unable to|signature|certificate/i,
  );
  server.close();
});

test('curl gets through by name and by address', { skip: !has('curl') && 'curl is missing' }, async () => {
  const { pki } = open();
  const { server, port } = await serve(pki.tlsSnapshot());
  const ca = write('ca.pem', pki.tlsSnapshot().caPem);
  const curl = (url: string) => promisify(execFile)('curl', ['-sS', '--noproxy', '*', '--cacert', ca, url]);
  assert.equal((await curl(`https://localhost:${port}/`)).stdout, 'ok');
  assert.equal((await curl(`https://127.0.0.1:${port}/`)).stdout, 'ok');
  server.close();
});

test('a restart keeps everything but the ticket keys, and the keys lie sealed', () => {
  const { pki, dataDir } = open();
  const first = pki.tlsSnapshot();
  const second = open({ dataDir }).pki.tlsSnapshot();
  assert.equal(second.caPem, first.caPem);
  assert.equal(second.certificatePem, first.certificatePem);
  assert.equal(second.keyPem, first.keyPem);
  assert.notEqual(second.ticketKeys, first.ticketKeys);
  assert.equal(statSync(join(dataDir, 'master.key')).mode & 0o777, 0o600);
  assert.equal(statSync(join(dataDir, 'pki')).mode & 0o777, 0o700);
  assert.equal(statSync(join(dataDir, 'pki', 'ca.key.sealed')).mode & 0o777, 0o600);
  const keyBytes = Buffer.from(first.keyPem.replace(/-----.*-----|\n/g, ''), 'base64');
  // The private scalar of a P-256 PKCS #8 key.
  const scalar = keyBytes.subarray(36, 68);
  for (const name of readdirSync(join(dataDir, 'pki'))) {
    const bytes = readFileSync(join(dataDir, 'pki', name));
    assert.ok(!bytes.includes(scalar) && !bytes.includes('PRIVATE'), name);
  }
});

test('a server certificate is renewed before it ends, and when names change', () => {
  const time = { now: Date.now() };
  let names = ['a.example'];
  const { pki, logged } = open({
    time,
    tls: () => ({ certificateFile: undefined, keyFile: undefined, names }),
  });
  const serial = () => new X509Certificate(pki.tlsSnapshot().certificatePem).serialNumber;
  const first = serial();
  assert.equal(pki.refresh(), false);
  assert.equal(serial(), first);
  time.now += 365 * DAY_MS;
  pki.refresh();
  assert.equal(serial(), first);
  time.now += 3 * DAY_MS;
  assert.equal(pki.refresh(), true);
  const second = serial();
  assert.notEqual(second, first);
  names = ['b.example'];
  assert.equal(pki.refresh(), true);
  assert.notEqual(serial(), second);
  assert.equal(new X509Certificate(pki.tlsSnapshot().certificatePem).checkHost('b.example'), 'b.example');
  // A clock that goes back would show clients a certificate of the future.
  const third = serial();
  time.now -= 3 * DAY_MS;
  pki.refresh();
  assert.notEqual(serial(), third);
  assert.equal(logged.filter(([event]) => event === 'pki.server-issued').length, 4);
  assert.equal(logged.filter(([event]) => event === 'pki.authority-made').length, 1);
});

test('ticket keys rotate every twelve hours', () => {
  const { pki, time } = open();
  const keys = () => pki.tlsSnapshot().ticketKeys;
  const first = keys();
  time.now += DAY_MS / 2 - 1;
  assert.equal(pki.refresh(), false);
  assert.equal(keys(), first);
  time.now += 1;
  assert.equal(pki.refresh(), true);
  assert.notEqual(keys(), first);
});

test('near its own end the authority signs nothing that outlives it', () => {
  const time = { now: Date.now() };
  const { pki } = open({ time });
  time.now += 3640 * DAY_MS;
  pki.refresh();
  assert.match(pki.verify()[0]?.text ?? '', /the authority ends in 1[23] days/);
  const { caPem, certificatePem } = pki.tlsSnapshot();
  assert.ok(new X509Certificate(certificatePem).validToDate <= new X509Certificate(caPem).validToDate);
});

test('host names that no certificate can hold are left out, the others are normal', () => {
  const machine = () => ({ hostName: 'MÜLLER_box', addresses: ['::ffff:1.2.3.4', 'FE80::2', 'nonsense!'] });
  const { pki } = open({
    machine,
    tls: () => ({
      certificateFile: undefined,
      keyFile: undefined,
      names: ['GW.Example.', 'bücher.example', '10.0.0.1'],
    }),
  });
  const row = pki.certificates().find(({ name }) => name === 'server');
  assert.deepEqual(row?.names.slice(0, 4), [
    'gw.example',
    'xn--bcher-kva.example',
    '10.0.0.1',
    'xn--mller_box-q9a',
  ]);
  assert.match(pki.certificates()[0]?.subject ?? '', /M-LLER-box Sallyport CA [0-9a-f]{8}/);
});
