import { isIP } from 'node:net';
import type { Clock, Counter, Log, MaybePromise, MetricDeclaration, Metrics } from '../../kernel/index.ts';
import { createDns, Dialer, type DialFailure, type SocketWire } from '../../platform/index.ts';
import type { EgressConfig } from '../config/index.ts';
import { connectAny } from './eyeballs.io.ts';
import { failure, type Failure, type ProxyError } from './failure.ts';
import { DestinationGuard, type OwnSocket, type Reach } from './guard.ts';
import { askParent } from './parent-connect.ts';
import { Parents, type Parent, type ParentSettings } from './parents.ts';
import { Pool } from './pool.ts';
import { Resolver } from './resolver.ts';
import type { Upstream } from './upstream.ts';

export interface EgressOptions {
  readonly config: EgressConfig;
  readonly parents: readonly ParentSettings[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Sockets of the gateway itself: never a destination. */
  readonly own: readonly OwnSocket[];
  /** Addresses of this machine. */
  readonly machine: readonly string[];
}

export interface Target {
  /** Lower case; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** How far it may lead; `any` when absent. Where a parent resolves names, they are resolved here before, as far as they can be. */
  readonly reach?: Reach;
}

export const egressMetrics: readonly MetricDeclaration[] = [
  {
    name: 'egress_connections_total',
    type: 'counter',
    help: 'Upstream connections attempted, by result',
    labels: ['result'],
  },
  { name: 'egress_reused_total', type: 'counter', help: 'Requests sent on a pooled upstream connection' },
  {
    name: 'egress_dns_queries_total',
    type: 'counter',
    help: 'DNS questions asked, by result',
    labels: ['result'],
  },
];

/** The way out: guard, names, parents, connections, and the pool of those that may be used again. */
export class Egress {
  readonly #config: EgressConfig;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #guard: DestinationGuard;
  readonly #resolver: Resolver;
  readonly #pool: Pool;
  readonly #parents: Parents;
  readonly #dialer = new Dialer();
  readonly #reused: Counter;
  readonly #opened: Counter;

  constructor({ config, parents, clock, log, metrics, own, machine }: EgressOptions) {
    this.#config = config;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#guard = new DestinationGuard(config.allowDestinations, own, machine);
    this.#pool = new Pool(config.pool, clock);
    this.#parents = new Parents(parents, config.parentRetryMs, clock, log);
    this.#reused = metrics.counter('egress_reused_total');
    this.#opened = metrics.counter('egress_connections_total', 'ok');
    this.#resolver = new Resolver({
      ...config.dns,
      query: createDns(config.resolvers, config.dns.timeoutMs),
      clock,
      onQuery: (result) => metrics.counter('egress_dns_queries_total', result).add(),
    });
  }

  /** A connection for one HTTP request. `fresh` passes the pool by: the retry after a stale connection. */
  request(target: Target, fresh = false): MaybePromise<Upstream | Failure> {
    const parents = this.#parents.for(target.host, target.port);
    if (parents !== undefined) return this.#throughParents(target, parents, fresh);
    const key = `${target.host}:${target.port}`;
    const wire = fresh ? undefined : this.#pool.take(key);
    if (wire === undefined) return this.#direct(target, key);
    this.#reused.add();
    return {
      kind: 'upstream',
      wire,
      key,
      parent: undefined,
      parentFields: '',
      reused: true,
      connectMs: 0,
      early: undefined,
    };
  }

  /** A connection whose bytes all belong to the client. */
  tunnel(target: Target): MaybePromise<Upstream | Failure> {
    const parents = this.#parents.for(target.host, target.port);
    if (parents === undefined) return this.#direct(target, '');
    return this.#tunnelThroughParents(target, parents);
  }

  /** Gives a connection back whose exchange is complete on both sides. */
  release(upstream: Upstream): void {
    this.#pool.give(upstream.key, upstream.wire);
  }

  /** Judges an address literal without connecting; names pass, they are judged when resolved. */
  refusalOf(host: string, port: number): ReturnType<DestinationGuard['check']> {
    return isIP(host) === 0 ? undefined : this.#guard.check(host, port);
  }

  get idle(): number {
    return this.#pool.count;
  }

  parentsDown(): readonly string[] {
    return this.#parents.down();
  }

  close(): void {
    this.#pool.close();
  }

  #direct(target: Target, key: string): MaybePromise<Upstream | Failure> {
    const started = this.#clock.monotonic();
    const resolved = this.#resolver.resolve(target.host);
    return resolved instanceof Promise
      ? resolved.then((addresses) => this.#connect(target, key, started, addresses))
      : this.#connect(target, key, started, resolved);
  }

  #connect(
    target: Target,
    key: string,
    started: number,
    addresses: readonly string[] | Failure,
  ): MaybePromise<Upstream | Failure> {
    if (!isList(addresses)) return addresses;
    const { port, reach = 'any' } = target;
    const allowed = addresses.filter((address) => !this.#guard.checkReach(address, port, reach));
    if (allowed.length === 0) return this.#refused(target, addresses);
    return connectAny(this.#dialer, allowed, port, this.#config).then((connected) =>
      typeof connected === 'string'
        ? this.#dialFailure(connected, target)
        : this.#upstream(connected, { key, parent: undefined, parentFields: '', early: undefined }, started),
    );
  }

  async #throughParents(
    target: Target,
    parents: readonly Parent[],
    fresh: boolean,
  ): Promise<Upstream | Failure> {
    // Names are resolved by the parent; what the client named as an address is judged here.
    if (this.refusalOf(target.host, target.port) !== undefined) return this.#refused(target, [target.host]);
    let last: Failure | undefined;
    for (const parent of parents) {
      const key = `parent ${parent.name}`;
      const pooled = fresh ? undefined : this.#pool.take(key);
      if (pooled !== undefined) {
        this.#reused.add();
        return {
          kind: 'upstream',
          wire: pooled,
          key,
          parent: parent.name,
          parentFields: parent.fields,
          reused: true,
          connectMs: 0,
          early: undefined,
        };
      }
      const started = this.#clock.monotonic();
      const wire = await this.#dialParent(parent);
      if ('kind' in wire) last = wire;
      else {
        this.#parents.worked(parent);
        const route = { key, parent: parent.name, parentFields: parent.fields, early: undefined };
        return this.#upstream(wire, route, started);
      }
    }
    return last ?? failure('destination_unavailable', 'no parent proxy is configured');
  }

  async #tunnelThroughParents(target: Target, parents: readonly Parent[]): Promise<Upstream | Failure> {
    const refused = await this.#refusedBefore(target);
    if (refused !== undefined) return refused;
    let last: Failure | undefined;
    for (const parent of parents) {
      const started = this.#clock.monotonic();
      const wire = await this.#dialParent(parent);
      if ('kind' in wire) {
        last = wire;
        continue;
      }
      const answer = await askParent(wire, target, parent.fields, this.#config.connectTotalMs);
      if (answer.kind === 'open') {
        this.#parents.worked(parent);
        const route = { key: '', parent: parent.name, parentFields: '', early: answer.early };
        return this.#upstream(wire, route, started);
      }
      wire.destroy();
      last = failure(answer.error, `parent proxy ${parent.name} ${answer.detail}`);
      if (answer.parentAtFault) this.#parents.failed(parent, answer.detail);
      else return last;
    }
    return last ?? failure('destination_unavailable', 'no parent proxy is configured');
  }

  /** What can be judged of a destination that a parent will connect to: the literal, and, for `public`, what its name is here. */
  async #refusedBefore(target: Target): Promise<Failure | undefined> {
    const { host, port, reach = 'any' } = target;
    if (isIP(host) !== 0) {
      return this.#guard.checkReach(host, port, reach) ? this.#refused(target, [host]) : undefined;
    }
    if (reach === 'any') return undefined;
    const addresses = await this.#resolver.resolve(host);
    // A gateway behind a parent may know no names at all.
    if (!isList(addresses)) return undefined;
    const isInside = addresses.some((address) => this.#guard.checkReach(address, port, reach));
    return isInside ? this.#refused(target, addresses) : undefined;
  }

  /** A parent is named by the operator: the guard does not apply to it. */
  async #dialParent(parent: Parent): Promise<SocketWire | Failure> {
    const addresses = await this.#resolver.resolve(parent.host);
    if (!isList(addresses)) {
      this.#parents.failed(parent, addresses.detail);
      return addresses;
    }
    const connected = await connectAny(this.#dialer, addresses, parent.port, this.#config);
    if (typeof connected !== 'string') return connected;
    this.#parents.failed(parent, connected);
    return this.#dialFailure(connected, parent);
  }

  #upstream(wire: SocketWire, route: Route, started: number): Upstream {
    this.#opened.add();
    wire.setIdle(this.#config.responseHeadMs);
    return {
      kind: 'upstream',
      wire,
      key: route.key,
      parent: route.parent,
      parentFields: route.parentFields,
      reused: false,
      connectMs: this.#clock.monotonic() - started,
      early: route.early,
    };
  }

  #refused(target: Target, addresses: readonly string[]): Failure {
    this.#metrics.counter('egress_connections_total', 'prohibited').add();
    const own = addresses.some((address) => this.#guard.check(address, target.port) === 'own-socket');
    return failure(
      'destination_ip_prohibited',
      own
        ? `${target.host} is a socket of the gateway itself`
        : `${target.host} is at ${addresses.join(', ')}, which the gateway does not reach for clients (egress.allowDestinations)`,
    );
  }

  #dialFailure(reason: DialFailure, target: Target): Failure {
    this.#metrics.counter('egress_connections_total', reason).add();
    return failure(ERROR_OF[reason], `${target.host}:${target.port}: ${SENTENCE_OF[reason]}`);
  }
}

type Route = Pick<Upstream, 'key' | 'parent' | 'parentFields' | 'early'>;

const ERROR_OF: Readonly<Record<DialFailure, ProxyError>> = {
  refused: 'connection_refused',
  unreachable: 'destination_ip_unroutable',
  timeout: 'connection_timeout',
  reset: 'connection_terminated',
  limit: 'connection_limit_reached',
  error: 'destination_unavailable',
};

const SENTENCE_OF: Readonly<Record<DialFailure, string>> = {
  refused: 'the connection was refused',
  unreachable: 'there is no route to the address',
  timeout: 'the connection took too long',
  reset: 'the connection was reset',
  limit: 'the gateway has no socket or file descriptor left',
  error: 'the connection failed',
};

function isList(value: readonly string[] | Failure): value is readonly string[] {
  return Array.isArray(value);
}
