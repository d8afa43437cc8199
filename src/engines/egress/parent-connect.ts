import { ResponseDecoder } from '../../protocols/http1/index.ts';
import type { SocketWire } from '../../platform/index.ts';
import type { ProxyError } from './failure.ts';

export type ParentAnswer =
  | { readonly kind: 'open'; readonly early: Uint8Array | undefined }
  | {
      readonly kind: 'closed';
      readonly error: ProxyError;
      readonly detail: string;
      /** Another parent may do better: this one is away, or does not accept our credentials. */
      readonly parentAtFault: boolean;
    };

const LIMITS = {
  headBytesMax: 65_536,
  targetBytesMax: 8192,
  fieldsMax: 200,
  chunkLineBytesMax: 256,
  trailerBytesMax: 8192,
};

/** Asks a parent proxy for a tunnel (RFC 9110 §9.3.6). */
export async function askParent(
  wire: SocketWire,
  { host, port }: { readonly host: string; readonly port: number },
  fields: string,
  timeoutMs: number,
): Promise<ParentAnswer> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const decoder = new ResponseDecoder(LIMITS);
  decoder.begin('CONNECT');
  wire.setDeadline(timeoutMs);
  await wire.write(
    Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${fields}\r\n`, 'latin1'),
  );
  try {
    for (;;) {
      const event = decoder.next();
      if (event.kind === 'head') {
        if (event.head.informational) continue;
        return judged(event.head.status, decoder);
      }
      if (event.kind !== 'need-data') return broken('does not speak HTTP/1.1', 'http_protocol_error');
      const chunk = await wire.read();
      if (chunk !== undefined) decoder.receive(chunk);
      else if (wire.ended === 'timeout') return broken('did not answer in time', 'connection_timeout');
      else return broken('closed the connection', 'connection_terminated');
    }
  } finally {
    wire.setDeadline(0);
  }
}

function judged(status: number, decoder: ResponseDecoder): ParentAnswer {
  if (status >= 200 && status < 300) {
    const early = decoder.takeBuffered();
    return { kind: 'open', early: early.length > 0 ? Buffer.from(early) : undefined };
  }
  if (status === 407) return broken('does not accept our credentials (407)', 'proxy_configuration_error');
  if (status === 504) return refused(status, 'connection_timeout');
  return refused(status, status === 403 ? 'http_request_denied' : 'destination_unavailable');
}

/** The parent works, the destination does not: another parent would say the same. */
function refused(status: number, error: ProxyError): ParentAnswer {
  return { kind: 'closed', error, detail: `answered ${status}`, parentAtFault: false };
}

function broken(detail: string, error: ProxyError): ParentAnswer {
  return { kind: 'closed', error, detail, parentAtFault: true };
}
