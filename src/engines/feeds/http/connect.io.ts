import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { type Egress, WireStream } from '../../egress/index.ts';
import { feedErrors } from '../errors.ts';

/** Who we are and whom we trust, in TLS. */
export interface TlsFiles {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

export interface ConnectOptions {
  readonly egress: Egress;
  readonly host: string;
  readonly port: number;
  /** `undefined`: plain. */
  readonly tls: TlsFiles | undefined;
  readonly connectMs: number;
}

/** A connection through the way out: guard, names, parents; then TLS 1.2 or 1.3 with a checked certificate. */
export async function connect(options: ConnectOptions): Promise<Duplex> {
  const { egress, host, port, tls, connectMs } = options;
  const upstream = await egress.tunnel({ host, port });
  if (upstream.kind === 'failure') {
    if (upstream.error === 'destination_ip_prohibited') {
      throw feedErrors.FEEDS_PROHIBITED({ reason: upstream.detail });
    }
    throw feedErrors.FEEDS_CONNECT({ host, reason: upstream.detail });
  }
  const stream = new WireStream(upstream.wire, upstream.early);
  return tls === undefined ? stream : secured(stream, { host, tls, connectMs });
}

function secured(
  stream: WireStream,
  { host, tls, connectMs }: { host: string; tls: TlsFiles; connectMs: number },
): Promise<Duplex> {
  const settings: ConnectionOptions = {
    socket: stream,
    host,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    // RFC 6066 §3: no address in the server name.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
  return new Promise((resolve, reject) => {
    let secure: ReturnType<typeof connectTls>;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      stream.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(feedErrors.FEEDS_TIMEOUT({ host, phase: 'TLS handshake', setting: 'feeds.connect' })),
      connectMs,
    );
    try {
      secure = connectTls(settings);
    } catch (cause) {
      // Certificate or key cannot be used.
      fail(feedErrors.FEEDS_TLS({ host, reason: reasonOf(cause) }, { cause }));
      return;
    }
    const onError = (cause: Error): void =>
      fail(feedErrors.FEEDS_TLS({ host, reason: reasonOf(cause) }, { cause }));
    secure.once('error', onError);
    secure.once('secureConnect', () => {
      clearTimeout(timer);
      secure.off('error', onError);
      resolve(secure);
    });
  });
}

/** OpenSSL's names say more to an operator than its sentences, which hold addresses of source files. */
function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = cause instanceof Error ? cause.message : String(cause);
  return code === '' || message.includes(code)
    ? message.split('\n', 1)[0]!
    : `${message.split('\n', 1)[0]} (${code})`;
}
