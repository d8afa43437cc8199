import type { FileVerdict, Wire } from '../../kernel/index.ts';
import { eventDetails, type RequestNotes } from '../../engines/exchange/index.ts';
import type { PolicyDecision } from '../../engines/policy/index.ts';
import { worstPrediction } from '../../engines/scan/index.ts';
import type { AccessDetail } from '../../engines/telemetry/index.ts';
import type { IcapRequestHead } from '../../protocols/icap/index.ts';
import type { IcapContext, MethodLabel, Result } from './context.ts';
import type { IcapService } from './service-table.ts';
import type { IcapSubject } from './subject.ts';

/** One ICAP request from its head to its log line: what the door has learnt about it so far. */
export class Transaction {
  readonly context: IcapContext;
  readonly wire: Wire;
  readonly id: string;
  readonly timeMs: number;
  readonly icapMethod: MethodLabel;
  /** Method and URL of the HTTP message; of the ICAP request while there is none. */
  method: string;
  url: string;
  service: IcapService | undefined;
  subject: IcapSubject;
  /** `Accept` of the HTTP request: which form a page has. */
  accept: string | undefined;
  decision: PolicyDecision | undefined;
  file: FileVerdict | undefined;
  fileName: string | undefined;
  /** For an event, where one may follow. */
  notes: RequestNotes | undefined;
  detail: AccessDetail | undefined;
  status = 0;
  error: string | undefined;
  /** Whether the connection goes on after the answer. */
  keepAlive: boolean;
  /** The first byte of the final answer has been written. */
  hasAnswered = false;
  readonly #started: number;
  readonly #readBefore: number;
  readonly #writtenBefore: number;
  #finished = false;

  constructor(context: IcapContext, wire: Wire, head: IcapRequestHead | undefined, readBefore: number) {
    this.context = context;
    this.wire = wire;
    this.id = context.nextId();
    this.timeMs = context.clock.now();
    this.icapMethod = head?.method ?? 'none';
    this.method = head?.method ?? '';
    this.url = head?.target ?? '';
    this.subject = {
      source: wire.peerAddress,
      user: undefined,
      groups: undefined,
      destination: undefined,
    };
    this.keepAlive = head !== undefined && head.keepAlive && !context.draining();
    this.#started = context.clock.monotonic();
    this.#readBefore = readBefore;
    this.#writtenBefore = wire.bytesWritten;
  }

  /** Its log line is written. */
  get isFinished(): boolean {
    return this.#finished;
  }

  /** Counts and logs it, once: when its answer is over. */
  finish(result: Result): void {
    if (this.#finished) return;
    this.#finished = true;
    const { counters, accessLog, clock } = this.context;
    const bytesIn = Math.max(this.wire.bytesRead - this.#readBefore, 0);
    const bytesOut = this.wire.bytesWritten - this.#writtenBefore;
    const durationMs = clock.monotonic() - this.#started;
    counters.request(this.icapMethod, result);
    counters.seconds(this.icapMethod).observe(durationMs / 1000);
    counters.bytesIn.add(bytesIn);
    counters.bytesOut.add(bytesOut);
    const { decision } = this;
    if (decision !== undefined) this.#report(decision, result, { bytesIn, bytesOut });
    if (decision?.log === 'none' && decision.decision === 'allow') return;
    accessLog.write({
      timeMs: this.timeMs,
      durationMs,
      door: 'icap',
      source: this.subject.source,
      user: this.subject.user,
      method: this.method,
      url: this.url,
      status: this.status,
      bytesIn,
      bytesOut,
      upstream: undefined,
      decision: decision?.decision,
      rule: decision?.rule,
      reason: decision?.reasons[0],
      feed: decision?.match?.feed,
      entry: decision?.match?.entry,
      error: this.error,
      tunnel: false,
      reused: this.#readBefore > 0,
      connectMs: undefined,
      firstByteMs: undefined,
      more: this.detail,
      id: this.id,
    });
  }

  #report(decision: PolicyDecision, result: Result, bytes: Bytes): void {
    const { reasons, rule } = decision;
    const post = (type: string, reason = reasons[0], about = rule): void =>
      this.#post(type, decision, { ...bytes, reason, rule: about });
    for (const watching of decision.monitored) post('decision.monitor', 'policy-monitor', watching);
    if (decision.decision === 'allow') {
      if (worstPrediction(this.file) !== undefined) post('file.predicted', 'predicted');
      if (this.context.config.events.allows === 'full' && decision.log !== 'none') post('decision.allow');
      return;
    }
    if (result === 'monitored') return post('decision.monitor');
    this.context.counters.blocked(rule);
    post(decision.action === 'warn' ? 'decision.warn' : 'decision.block');
  }

  #post(
    type: string,
    decision: PolicyDecision,
    { reason, ...told }: Bytes & { rule: string; reason: string | undefined },
  ): void {
    const { id, method, status, notes, file, fileName, subject } = this;
    this.context.events.post({
      timeMs: this.timeMs,
      type,
      severity: 'info',
      door: 'icap',
      source: subject.source,
      user: subject.user,
      target: this.url,
      reason,
      details: eventDetails({
        decision,
        id,
        method,
        status,
        notes,
        file,
        fileName,
        ...told,
        destination: subject.destination,
      }),
    });
  }
}

/** Of the ICAP connection: from its client, and to it. */
interface Bytes {
  readonly bytesIn: number;
  readonly bytesOut: number;
}
