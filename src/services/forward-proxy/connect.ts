import type { RequestDecoder } from '../../protocols/http1/index.ts';
import { tunnel } from '../../engines/egress/index.ts';
import { answerFailure } from './answers.ts';
import type { ProxyContext } from './context.ts';
import type { After, Exchange } from './exchange.ts';

/** RFC 9110 §9.3.6: no framing fields in a 2xx answer to CONNECT. */
const ESTABLISHED = Buffer.from('HTTP/1.1 200 Connection established\r\n\r\n');

/** A tunnel: from here on the bytes belong to the client and the destination. */
export async function connectTunnel(
  context: ProxyContext,
  exchange: Exchange,
  decoder: RequestDecoder,
): Promise<After> {
  const { wire } = exchange;
  const asked = context.egress.tunnel({ host: exchange.host, port: exchange.port });
  const upstream = asked instanceof Promise ? await asked : asked;
  if (upstream.kind === 'failure') {
    const keepAlive = !context.draining();
    await answerFailure(context, exchange, upstream, keepAlive);
    exchange.finish('failed');
    return keepAlive ? 'next' : 'close';
  }
  exchange.reached(upstream);
  if (wire.ended !== undefined && wire.ended !== 'clean') {
    upstream.wire.destroy();
    exchange.error = 'connection_terminated';
    exchange.finish('failed');
    return 'close';
  }
  exchange.answered(200);
  const written = wire.write(ESTABLISHED);
  if (written instanceof Promise) await written;
  const { tunnels } = context.counters;
  tunnels.add(1);
  const joined = tunnel(wire, upstream, decoder.takeBuffered(), context.config.egress, () => {
    tunnels.add(-1);
    exchange.finish('tunnelled');
  });
  if (joined instanceof Promise) await joined;
  return 'detached';
}
