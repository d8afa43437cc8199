import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loadConfig, type LookAsideConfig } from '../../src/engines/config/index.ts';
import { Egress, egressMetrics } from '../../src/engines/egress/index.ts';
import {
  createLookAside,
  type LookAside,
  lookAsideMetrics,
  serveQuotas,
} from '../../src/engines/look-aside/index.ts';
import { createMetrics } from '../../src/engines/telemetry/index.ts';
import type { ControlLink, EdgeLinks, LogFields } from '../../src/kernel/index.ts';
import type { Scope } from './scope.ts';

export interface UpstreamServer {
  readonly url: string;
  /** Targets that were asked for, with what came along. */
  readonly asked: { readonly target: string; readonly headers: IncomingMessage['headers'] }[];
}

/** A service of HTTP on loopback that answers as it is told. */
export async function startUpstream(
  scope: Scope,
  answer: (target: string, response: ServerResponse, request: IncomingMessage) => void,
  tls?: { readonly cert: string; readonly key: string },
): Promise<UpstreamServer> {
  const asked: UpstreamServer['asked'] = [];
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    asked.push({ target: request.url ?? '', headers: request.headers });
    answer(request.url ?? '', response, request);
  };
  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, asked };
}

export function sendJson(response: ServerResponse, document: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(document));
}

export interface LookAsideLab {
  readonly lookAside: LookAside;
  readonly time: { nowMs: number };
  readonly logged: (readonly [event: string, fields: LogFields])[];
  /** Whether control can be asked. */
  readonly control: { isAway: boolean };
  counted(name: string, ...labels: readonly string[]): number;
}

/** The engine over real connections; control and its quotas are in this process. */
export function lookAsideLab(
  scope: Scope,
  upstreams: readonly (Partial<LookAsideConfig['upstreams'][number]> & { readonly url: string })[],
  given: Partial<LookAsideConfig> = {},
): LookAsideLab {
  const base = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });
  const config: LookAsideConfig = {
    ...base.lookAside,
    ...given,
    upstreams: upstreams.map((each, index) => ({
      name: `upstream-${index}`,
      type: 'gateway',
      tokenFile: undefined,
      caFile: undefined,
      kinds: ['file', 'url', 'domain', 'ip'],
      timeoutMs: 2000,
      perMinute: 0,
      perDay: 0,
      detectionsMin: 3,
      ...each,
    })),
  };
  const time = { nowMs: Date.UTC(2026, 0, 2) };
  const clock = { now: () => time.nowMs, monotonic: () => time.nowMs };
  const logged: [string, LogFields][] = [];
  const note = (event: string, fields: LogFields = {}) => void logged.push([event, fields]);
  const log = { debug: note, info: note, warn: note, error: note };
  const metrics = createMetrics([...egressMetrics, ...lookAsideMetrics]);
  const handlers = new Map<string, (params: unknown) => unknown>();
  const links: Pick<EdgeLinks, 'handle'> = {
    handle: (method, handler) =>
      void handlers.set(method, (params) => handler(params, { pid: 1, generation: 1 })),
  };
  serveQuotas(links, () => config, clock);
  const control = { isAway: false };
  const link: Pick<ControlLink, 'call'> = {
    async call(method, params) {
      if (control.isAway) throw new Error('away');
      return handlers.get(method)?.(params);
    },
  };
  const egress = new Egress({
    config: { ...base.egress, allowDestinations: ['127.0.0.0/8'] },
    parents: [],
    clock: { now: Date.now, monotonic: () => performance.now() },
    log,
    metrics,
    own: [],
    machine: [],
  });
  const lookAside = createLookAside({ config, egress, link, clock, log, metrics });
  scope.after(() => {
    lookAside.close();
    egress.close();
  });
  return {
    lookAside,
    time,
    logged,
    control,
    counted(name, ...labels) {
      const series = metrics.snapshot()[name] ?? [];
      return series.find((each) => each.l.join() === labels.join())?.v[0] ?? 0;
    },
  };
}
