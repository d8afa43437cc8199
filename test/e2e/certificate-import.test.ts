import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { makeCertificate } from '../support/authority.ts';
import { clientOf } from '../support/client.ts';
import { getHttps, startGateway } from '../support/gateway.ts';
import { missingPeer } from '../support/peers.ts';
import { scopeOf, tempDir } from '../support/scope.ts';

interface Shown {
  readonly subject: string;
  readonly fingerprint: string;
}

function shownOn(port: number): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      const { subject, fingerprint256 } = socket.getPeerCertificate();
      resolve({ subject: String(subject.CN), fingerprint: fingerprint256 });
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test(
  'a certificate that is imported is shown on every TLS port at once, by the same processes',
  { skip: missingPeer('openssl') },
  async (t) => {
    const scope = scopeOf(t);
    const gateway = await startGateway(scope, { edges: 2 });
    const client = await clientOf(gateway);
    const own = await makeCertificate(scope);
    const ports = [gateway.ports.https ?? 0, gateway.ports.webReputationTls ?? 0];
    const before = await Promise.all(ports.map(shownOn));
    const edges = async () =>
      (await client.call('GET /api/v1/status')).processes.map(({ role, pid }) => `${role} ${pid}`);
    const processes = await edges();

    const wrong = { certificate: own.cert, key: (await makeCertificate(scope)).key };
    await assert.rejects(client.call('PUT /api/v1/certificates/server', { body: wrong }), {
      status: 400,
      code: 'pki-import',
      message: /not the key of the first certificate/,
    });
    assert.deepEqual(await Promise.all(ports.map(shownOn)), before);

    const body = { certificate: own.cert, key: own.key };
    const { certificates } = await client.call('PUT /api/v1/certificates/server', { body });
    const server = certificates.find(({ name }) => name === 'server');
    assert.equal(server?.origin, 'imported');
    for (const shown of await Promise.all([...ports, ...ports, ...ports].map(shownOn)))
      assert.deepEqual(shown, { subject: 'origin', fingerprint: server.fingerprint });
    assert.deepEqual(await edges(), processes);
    const audit = await client.call('GET /api/v1/audit', { query: { action: 'certificate.import' } });
    assert.equal(audit.items.length, 1);
    const log = await gateway.command('show', 'log', '--json');
    for (const text of [JSON.stringify(audit), log.stdout, gateway.child.stderr()])
      assert.equal(text.includes('PRIVATE KEY'), false);

    await client.call('DELETE /api/v1/certificates/server');
    assert.deepEqual(await Promise.all(ports.map(shownOn)), before);

    // The same by files on the machine, and an authority.
    const dir = await tempDir(scope, 'pem');
    const [certificate, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    writeFileSync(certificate, own.cert);
    writeFileSync(key, own.key, { mode: 0o600 });
    await gateway.ask('certificate', 'import', certificate, '--key-file', key);
    assert.equal((await shownOn(ports[0] ?? 0)).subject, 'origin');
    const authority = { certificate: own.caPem, key: own.caKey, replace: true } as const;
    await client.call('PUT /api/v1/certificates/authority', { body: authority });
    assert.equal((await shownOn(ports[0] ?? 0)).subject, 'origin', 'what was imported is still shown');
    await gateway.ask('certificate', 'remove');
    const findings = await client.call('GET /api/v1/certificates/findings');
    assert.deepEqual(
      findings.filter(({ state }) => state === 'bad'),
      [],
    );
    assert.equal((await getHttps(ports[0] ?? 0, '/ca.crt')).body.trim(), own.caPem.trim());
  },
);
