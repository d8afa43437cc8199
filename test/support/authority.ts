import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from './child.ts';
import { peerPath } from './peers.ts';
import { tempDir } from './scope.ts';
import type { Scope } from './scope.ts';

export interface TestCertificate {
  readonly caFile: string;
  readonly caPem: string;
  readonly caKey: string;
  readonly cert: string;
  readonly key: string;
}

/** A certificate for loopback, signed by an authority of its own, made by the openssl program. */
export async function makeCertificate(
  scope: Scope,
  names = 'DNS:localhost,IP:127.0.0.1,IP:::1',
): Promise<TestCertificate> {
  const dir = await tempDir(scope, 'ca');
  const openssl = async (...args: readonly string[]): Promise<void> => {
    const result = await runChild(scope, peerPath('openssl'), args, { cwd: dir });
    if (result.code !== 0) throw new Error(`openssl ${args.join(' ')}: ${result.stderr}`);
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const ca = [
    '-x509',
    ...newKey,
    '-days',
    '30',
    '-subj',
    '/CN=Test CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  ];
  await openssl('req', ...ca, '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
  await openssl('req', ...newKey, '-subj', '/CN=origin', '-keyout', 'key.pem', '-out', 'csr.pem');
  await writeFile(join(dir, 'names'), `subjectAltName=${names}\n`);
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'names'];
  await openssl('x509', '-req', '-in', 'csr.pem', ...signer, '-out', 'cert.pem');
  const read = (name: string): Promise<string> => readFile(join(dir, name), 'utf8');
  return {
    caFile: join(dir, 'ca.pem'),
    caPem: await read('ca.pem'),
    caKey: await read('ca.key'),
    cert: await read('cert.pem'),
    key: await read('key.pem'),
  };
}
