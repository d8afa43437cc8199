import { readFileSync } from 'node:fs';
import { createServer, type ServerOptions } from 'node:https';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createPlainServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Config, loadConfig } from '../../src/engines/config/index.ts';
import { Egress, egressMetrics } from '../../src/engines/egress/index.ts';
import {
  createFeeds,
  type FeedHealth,
  feedMetrics,
  feedsSection,
  type RuleFeeds,
} from '../../src/engines/feeds/index.ts';
import {
  createIndicatorAdmin,
  indicatorMetrics,
  openIndicators,
} from '../../src/engines/indicators/index.ts';
import {
  createPrefixLists,
  openPrefixListStore,
  type PrefixLists,
  prefixListMetrics,
} from '../../src/engines/look-aside/index.ts';
import { openState } from '../../src/engines/state/index.ts';
import { createMetrics, type GatewayEvent } from '../../src/engines/telemetry/index.ts';
import type { CommandIo, Log, LogFields } from '../../src/kernel/index.ts';
import { makeCertificate, type TestCertificate } from './authority.ts';
import { type Scope, tempDir } from './scope.ts';

export interface FeedLabOptions {
  /** Where rule sets go; default: nowhere, they are refused. */
  readonly rules?: RuleFeeds;
  readonly dataDir?: string;
  readonly feeds?: Partial<Config['feeds']>;
  readonly egress?: Partial<Config['egress']>;
  readonly lookAside?: Partial<Config['lookAside']>;
  /** Milliseconds since 1970, where the test owns the clock. */
  readonly time?: { now: number };
}

const NO_RULES: RuleFeeds = {
  has: () => false,
  install: () => Promise.reject(new Error('this lab takes no rules')),
  remove: () => Promise.resolve(),
};

export const IO: CommandIo = { actor: 'tester', progress: () => {} };

/** The engine with a real store, real indicators and a real way out; nothing is fetched by itself before `start`. */
export async function feedLab(scope: Scope, options: FeedLabOptions = {}) {
  const dataDir = options.dataDir ?? join(await tempDir(scope, 'feeds'), 'data');
  const { time } = options;
  const clock = { now: () => time?.now ?? Date.now(), monotonic: () => performance.now() };
  const logged: [event: string, fields: LogFields][] = [];
  const add = (event: string, fields: LogFields = {}): void => void logged.push([event, fields]);
  const log: Log = { debug: add, info: add, warn: add, error: add };
  const defaults = loadConfig({ flags: { dataDir }, environment: {}, checkout: '/nowhere', cores: 1 });
  const egress = { ...defaults.egress, allowDestinations: ['127.0.0.0/8'], ...options.egress };
  const metrics = createMetrics([...feedMetrics, ...egressMetrics, ...indicatorMetrics]);
  const state = await openState({ dataDir, clock, log, sections: [feedsSection], lockWaitMs: 0 });
  const indicators = createIndicatorAdmin({
    dir: join(dataDir, 'indicators'),
    clock,
    log,
    runImports: 'here',
    publish: () => Promise.resolve(),
    audit: () => undefined,
  });
  const events: GatewayEvent[] = [];
  let unwell: readonly FeedHealth[] = [];
  const feeds = createFeeds({
    dataDir,
    state,
    indicators,
    rules: options.rules ?? NO_RULES,
    prefixes: openPrefixListStore(dataDir, () => Promise.resolve()),
    lookAside: () => ({ ...defaults.lookAside, ...options.lookAside }),
    clock,
    log,
    metrics,
    chance: () => 0.5,
    config: () => ({ ...defaults.feeds, ...options.feeds, lineBytesMax: 65_536 }),
    agentName: 'Sallyport/test',
    openEgress: (route) =>
      new Egress({
        config: egress,
        parents: route === 'egress' || route === 'direct' ? [] : [route],
        clock,
        log,
        metrics,
        own: [],
        machine: [],
      }),
    event: (event) => void events.push(event),
    unwell: (list) => {
      unwell = list;
    },
  });
  await feeds.open();
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await feeds.close();
    await state.close();
  };
  scope.after(close);
  /** Values of a feed with what is stored of them, in order. */
  const entries = (feed: string): readonly string[] => {
    const reader = openIndicators(join(dataDir, 'indicators'), clock);
    try {
      return [...reader.entries(feed)].map(({ value }) => value).toSorted();
    } finally {
      reader.close();
    }
  };
  /** What an edge looks URLs up in, whose questions the feeds answer. */
  const prefixLists = (): PrefixLists =>
    createPrefixLists({
      dataDir,
      config: defaults.lookAside,
      clock,
      log,
      metrics: createMetrics(prefixListMetrics),
      ask: ({ feed, prefixes }) => feeds.findHashes(feed, prefixes, []),
    });
  return {
    dataDir,
    feeds,
    state,
    indicators,
    events,
    logged,
    metrics,
    entries,
    close,
    prefixLists,
    unwell: () => unwell,
  };
}

export type FeedLab = Awaited<ReturnType<typeof feedLab>>;

export interface FeedServer {
  readonly url: string;
  readonly port: number;
  readonly tls: TestCertificate;
  readonly requests: readonly IncomingMessage[];
}

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

let shared: Promise<TestCertificate> | undefined;

/** A real HTTPS server on loopback with a certificate of an authority of its own. */
export async function feedServer(
  scope: Scope,
  answer: Answering,
  options: ServerOptions = {},
): Promise<FeedServer> {
  shared ??= makeCertificate({ after: (clean) => process.once('exit', () => void clean()) });
  const tls = await shared;
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    answer(request, response);
  };
  const { cert, key } = tls;
  const server = createServer({ cert, key, ca: readFileSync(tls.caFile), ...options }, listener);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on an IP address has an address with a port.
  const { port } = server.address() as AddressInfo;
  return { url: `https://localhost:${port}`, port, tls, requests };
}

/** The same without TLS. */
export async function plainServer(scope: Scope, answer: Answering) {
  const requests: IncomingMessage[] = [];
  const server = createPlainServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests, server };
}

/** Answers with a body that never changes. */
export function body(text: string | Buffer, fields: Readonly<Record<string, string>> = {}): Answering {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain', ...fields });
    response.end(text);
  };
}
