import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { type Egress, WireStream } from '../egress/index.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
  /** PEM; `undefined`: the authorities that Node trusts. */
  readonly ca: string | undefined;
}

/** A connection over the way out: its guard, its resolvers and its parents apply. */
export async function dialPlain(egress: Pick<Egress, 'tunnel'>, { host, port }: Place): Promise<Duplex> {
  const upstream = await egress.tunnel({ host, port });
  if (upstream.kind === 'failure') throw new Error(upstream.detail);
  return new WireStream(upstream.wire, upstream.early);
}

/** TLS over a connection that is there already; rejects when the certificate is not for the host. */
export function startTls(stream: Duplex, { host, ca }: Place, protocols: readonly string[]): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const tls = connectTls({
      socket: stream,
      minVersion: 'TLSv1.2',
      // RFC 6066 §3: an address is no server name; the certificate is checked for it all the same.
      ...(isIP(host) === 0 ? { servername: host } : { host }),
      ...(ca === undefined ? {} : { ca }),
      ...(protocols.length === 0 ? {} : { ALPNProtocols: [...protocols] }),
    });
    tls.once('secureConnect', () => {
      tls.removeListener('error', failed);
      resolve(tls);
    });
    const failed = (error: Error): void => {
      stream.destroy();
      reject(error);
    };
    tls.once('error', failed);
  });
}
