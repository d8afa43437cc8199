import type { MaybePromise, Served, Wire } from '../../kernel/index.ts';
import {
  RequestDecoder,
  VIOLATIONS,
  type RequestHead,
  type ViolationStop,
} from '../../protocols/http1/index.ts';
import { admit } from './admit.ts';
import { answerRejected } from './answers.ts';
import type { ProxyContext } from './context.ts';
import { connectTunnel } from './connect.ts';
import { Exchange, type After } from './exchange.ts';
import { forward } from './forward.ts';

/** One client connection of the proxy, from its first request to its last. */
export async function serveProxy(wire: Wire, context: ProxyContext): Promise<Served> {
  const { http, listeners } = context.config;
  const decoder = new RequestDecoder(http);
  const session = { waiting: true };
  context.sessions.set(wire, session);
  let started = false;
  try {
    for (;;) {
      const event = decoder.next();
      switch (event.kind) {
        case 'need-data': {
          session.waiting = !decoder.hasBuffered;
          if (decoder.hasBuffered && !started) {
            // The rest of a head that has begun must come in time; a whole head never gets here.
            wire.setDeadline(listeners.forwardProxy.headMs);
            started = true;
          }
          const read = wire.read();
          const chunk = read instanceof Promise ? await read : read;
          if (chunk !== undefined) decoder.receive(chunk);
          else if (wire.ended === 'clean') decoder.receiveEnd();
          else return undefined;
          continue;
        }
        case 'head': {
          session.waiting = false;
          if (started) {
            wire.setDeadline(0);
            started = false;
          }
          const handled = handle(wire, event.head, decoder, context);
          const after = handled instanceof Promise ? await handled : handled;
          if (after === 'detached') return after;
          if (after === 'close') return undefined;
          continue;
        }
        case 'body':
          // A body that its exchange did not take ends the connection there; none is left here.
          return undefined;
        case 'end':
          continue;
        case 'violation':
          await reject(wire, event, context);
          return undefined;
        case 'closed':
          return undefined;
      }
    }
  } finally {
    context.sessions.delete(wire);
  }
}

function handle(
  wire: Wire,
  head: RequestHead,
  decoder: RequestDecoder,
  context: ProxyContext,
): MaybePromise<After> {
  const connect = head.method === 'CONNECT';
  const exchange = new Exchange(
    context,
    wire,
    {
      method: head.method,
      url: connect ? head.authority : `${head.scheme ?? 'http'}://${head.authority}${head.path}`,
      host: head.host,
      port: head.port,
      accept: head.fields.get('accept'),
    },
    head.bytes.length,
  );
  const refused = admit(context, exchange, head);
  return refused instanceof Promise
    ? refused.then((after) => after ?? take(context, exchange, head, decoder))
    : (refused ?? take(context, exchange, head, decoder));
}

function take(
  context: ProxyContext,
  exchange: Exchange,
  head: RequestHead,
  decoder: RequestDecoder,
): Promise<After> {
  return exchange.method === 'CONNECT'
    ? connectTunnel(context, exchange, decoder)
    : forward(context, exchange, head, decoder);
}

function reject(wire: Wire, { code, status }: ViolationStop, context: ProxyContext): MaybePromise<void> {
  context.counters.violation('client', code);
  const request = { method: '', url: '', host: '', port: 0, accept: undefined };
  const exchange = new Exchange(context, wire, request, 0);
  const done = answerRejected(context, exchange, { status, code, detail: VIOLATIONS[code].reason });
  exchange.finish('rejected');
  return done;
}
