import type { WebAnswer, WebRequest } from '../../engines/web/index.ts';
import { type DestinationPattern, parseDestinationPattern } from '../../kernel/index.ts';
import { formatAuthority } from '../../protocols/http1/index.ts';
import { proxyPac } from '../../protocols/pac/index.ts';
import type { ApiEngines } from './context.ts';

/** How long clients may keep the file: a changed proxy is known everywhere after five minutes. */
const MAX_AGE_S = 300;

/** `/proxy.pac` and `/wpad.dat`: internal networks and `pac.direct` go direct, everything else through the proxy. */
export function pacAnswers({ config, listenPort }: ApiEngines): (request: WebRequest) => WebAnswer {
  const direct = [...config.networks.internal, ...config.pac.direct]
    .map(parseDestinationPattern)
    .filter((pattern): pattern is DestinationPattern => pattern !== undefined);
  return (request) => {
    const host = request.host === '' ? request.localAddress : request.host;
    const own = formatAuthority(host, listenPort('forwardProxy') ?? config.listeners.forwardProxy.port);
    return {
      status: 200,
      type: 'application/x-ns-proxy-autoconfig',
      body: proxyPac({ proxy: config.pac.proxy ?? own, direct }),
      fields: [['Cache-Control', `max-age=${MAX_AGE_S}`]],
    };
  };
}
