import { createSecureContext, type SecureContext } from 'node:tls';

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
  return {
    get current() {
      return current;
    },
    apply: (material) => {
      context = createSecureContext({
        cert: material.certificatePem,
        key: material.keyPem,
        minVersion: 'TLSv1.2',
        ciphers: CIPHERS,
        honorCipherOrder: true,
        ...(material.ticketKeys === undefined
          ? {}
          : { ticketKeys: Buffer.from(material.ticketKeys, 'base64') }),
      });
      current = material;
    },
    context: () => {
      // The edge listens only after the first material has been applied.
      if (context === undefined) throw new TypeError('TLS is used before control has sent a certificate');
      return context;
    },
  };
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
