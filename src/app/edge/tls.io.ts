import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { appErrors } from '../errors.ts';

/** What control publishes on the topic `tls`. */
export interface TlsMaterial {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly caPem: string;
  /** Shared by all edges, so that a client resumes with whichever it meets: 48 bytes in base64. */
  readonly ticketKeys?: string;
}

export interface ServerTls {
  readonly current: TlsMaterial | undefined;
  apply(material: TlsMaterial): void;
  context(): SecureContext;
  /** The same, with the authorities that sign certificates of clients. */
  contextFor(clientCaPem: string): SecureContext;
}

/** TLS 1.3 and 1.2, forward secrecy and authenticated ciphers only (DESIGN §10; RFC 9325 §4). */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** The server's side of TLS in one edge; a new certificate replaces the context in one step. */
export function createServerTls(): ServerTls {
  let current: TlsMaterial | undefined;
  let context: SecureContext | undefined;
  let options: SecureContextOptions = {};
  const forClients = new Map<string, SecureContext>();
  return {
    get current() {
      return current;
    },
    apply: (material) => {
      options = {
        cert: material.certificatePem,
        key: material.keyPem,
        minVersion: 'TLSv1.2',
        ciphers: CIPHERS,
        honorCipherOrder: true,
        ...(material.ticketKeys === undefined
          ? {}
          : { ticketKeys: Buffer.from(material.ticketKeys, 'base64') }),
      };
      context = createSecureContext(options);
      forClients.clear();
      current = material;
    },
    context: () => {
      // The edge listens only after the first material has been applied.
      if (context === undefined) throw new TypeError('TLS is used before control has sent a certificate');
      return context;
    },
    contextFor: (clientCaPem) => {
      let made = forClients.get(clientCaPem);
      if (made === undefined) {
        // OpenSSL resumes a session with a certificate only in a context of a name.
        made = createSecureContext({ ...options, ca: clientCaPem, sessionIdContext: 'clients' });
        forClients.set(clientCaPem, made);
      }
      return made;
    },
  };
}

/** The authorities of a file, checked, so that a wrong one stops the start and not every handshake. */
export function readClientCa(path: string): string {
  try {
    const pem = readFileSync(path, 'utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----'))
      throw new TypeError('it holds no certificate in PEM form');
    createSecureContext({ ca: pem });
    return pem;
  } catch (error) {
    throw appErrors.CLIENT_CA_UNREADABLE({
      path,
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

export function isTlsMaterial(data: unknown): data is TlsMaterial {
  return (
    typeof data === 'object' &&
    data !== null &&
    'certificatePem' in data &&
    'keyPem' in data &&
    'caPem' in data &&
    [data.certificatePem, data.keyPem, data.caPem].every((pem) => typeof pem === 'string')
  );
}
