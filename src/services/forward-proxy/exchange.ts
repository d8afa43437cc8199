import type { FileVerdict, Wire } from '../../kernel/index.ts';
import type { ProxyError, Upstream } from '../../engines/egress/index.ts';
import {
  type BodyGate,
  eventDetails,
  type ExchangeFacts,
  type RequestNotes,
} from '../../engines/exchange/index.ts';
import type { PolicyDecision } from '../../engines/policy/index.ts';
import type { AccessDetail } from '../../engines/telemetry/index.ts';
import type { ProxyContext, Result } from './context.ts';

/** What a request leaves behind: the connection goes on, is over, or has become a tunnel that ends by itself. */
export type After = 'next' | 'close' | 'detached';

/** A gate before a body, and what the body is called. */
export interface OpenedGate {
  readonly gate: BodyGate;
  readonly name: string | undefined;
  readonly mediaType: string | undefined;
}

/** One request from its head to its log line: what the door has learnt about it so far. */
export class Exchange {
  readonly wire: Wire;
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly accept: string | undefined;
  user: string | undefined;
  decision: PolicyDecision | undefined;
  /** Kept only while the decision is provisional: to ask again when the response head is there. */
  facts: ExchangeFacts | undefined;
  /** Bodies that are scanned on their way, with their names; nearly always there are none. */
  gates: readonly OpenedGate[] | undefined;
  /** Of the body that was refused, and its name. */
  file: FileVerdict | undefined;
  fileName: string | undefined;
  /** For an event, where one may follow. */
  notes: RequestNotes | undefined;
  /** For the access log, where a rule wants more in it. */
  detail: AccessDetail | undefined;
  status = 0;
  upstream: string | undefined;
  reused = false;
  connectMs: number | undefined;
  error: ProxyError | undefined;
  readonly #context: ProxyContext;
  readonly timeMs: number;
  readonly #started: number;
  readonly #readBefore: number;
  readonly #writtenBefore: number;
  #firstByteMs: number | undefined;

  constructor(context: ProxyContext, wire: Wire, request: RequestFacts, headBytes: number) {
    this.#context = context;
    this.wire = wire;
    this.id = context.nextId();
    this.method = request.method;
    this.url = request.url;
    this.host = request.host;
    this.port = request.port;
    this.accept = request.accept;
    this.timeMs = context.clock.now();
    this.#started = context.clock.monotonic();
    this.#readBefore = wire.bytesRead - headBytes;
    this.#writtenBefore = wire.bytesWritten;
  }

  /** It goes out on this connection. IPv6 stands in brackets: a port follows. */
  reached({ parent, wire: { peerAddress, peerPort }, connectMs }: Upstream): void {
    const address = peerAddress.includes(':') ? `[${peerAddress}]` : peerAddress;
    this.upstream = parent ?? `${address}:${peerPort}`;
    this.connectMs = connectMs;
  }

  /** The first byte of the answer is about to be written. */
  answered(status: number): void {
    this.status = status;
    if (this.#firstByteMs !== undefined) return;
    this.#firstByteMs = this.#context.clock.monotonic() - this.#started;
    this.#context.counters.firstByte.observe(this.#firstByteMs / 1000);
  }

  /** Counts and logs it. Called exactly once, when nothing more will happen. */
  finish(result: Result): void {
    const { counters, accessLog, clock } = this.#context;
    const bytesIn = Math.max(this.wire.bytesRead - this.#readBefore, 0);
    const bytesOut = this.wire.bytesWritten - this.#writtenBefore;
    counters.results[result].add();
    counters.bytesIn.add(bytesIn);
    counters.bytesOut.add(bytesOut);
    if (this.error !== undefined) counters.error(this.error);
    const { decision } = this;
    const bytes = { bytesIn, bytesOut };
    if (decision !== undefined && decision.monitored.length > 0) this.#monitored(decision, bytes);
    if (decision?.decision === 'block') this.#blocked(decision, bytes);
    else if (decision?.log === 'none') return;
    else if (decision !== undefined && this.#context.config.events.allows === 'full') {
      this.#report('decision.allow', decision, { ...bytes, rule: decision.rule });
    }
    accessLog.write({
      timeMs: this.timeMs,
      durationMs: clock.monotonic() - this.#started,
      door: 'forward-proxy',
      source: this.wire.peerAddress,
      user: this.user,
      method: this.method,
      url: this.url,
      status: this.status,
      bytesIn,
      bytesOut,
      upstream: this.upstream,
      decision: decision?.decision,
      rule: decision?.rule,
      reason: decision?.reasons[0],
      feed: decision?.match?.feed,
      entry: decision?.match?.entry,
      error: this.error,
      tunnel: result === 'tunnelled',
      reused: this.reused,
      connectMs: this.connectMs,
      firstByteMs: this.#firstByteMs,
      more: this.detail,
      id: this.id,
    });
  }

  #monitored(decision: PolicyDecision, bytes: Bytes): void {
    for (const rule of decision.monitored) {
      this.#context.counters.monitored(rule);
      this.#report('decision.monitor', decision, { ...bytes, rule, reason: 'policy-monitor' });
    }
  }

  #blocked(decision: PolicyDecision, bytes: Bytes): void {
    this.#context.counters.blocked(decision);
    const type = decision.action === 'warn' ? 'decision.warn' : 'decision.block';
    this.#report(type, decision, { ...bytes, rule: decision.rule });
  }

  #report(type: string, decision: PolicyDecision, told: Bytes & { rule: string; reason?: string }): void {
    const { id, method, status, notes, file, fileName } = this;
    const { rule, reason = decision.reasons[0], bytesIn, bytesOut } = told;
    this.#context.events.post({
      timeMs: this.timeMs,
      type,
      severity: 'info',
      door: 'forward-proxy',
      source: this.wire.peerAddress,
      user: this.user,
      target: this.url,
      reason,
      details: eventDetails({
        decision,
        rule,
        id,
        method,
        status,
        bytesIn,
        bytesOut,
        notes,
        file,
        fileName,
        destination: this.upstream,
      }),
    });
  }
}

interface Bytes {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface RequestFacts {
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly accept: string | undefined;
}
