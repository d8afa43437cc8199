import type { Clock, ControlLink, Log, Metrics } from '../../kernel/index.ts';
import type { LookAsideConfig, LookAsideUpstream } from '../config/index.ts';
import type { FailureReason, Shape, UpstreamAnswer } from './answer.ts';
import { Breaker } from './breaker.ts';
import { gatewayShape } from './gateway-shape.ts';
import { hashlookupShape } from './hashlookup-shape.ts';
import type { JsonAnswer, JsonClient } from './http-client.io.ts';
import type { Question } from './question.ts';
import { TAKE_METHOD } from './quota.ts';
import { virusTotalShape } from './virustotal-shape.ts';

/** Tells another gateway that it is asked on behalf of one: it must not ask others in turn. */
export const LOOK_ASIDE_FIELD = 'sallyport-look-aside';

const SHAPES: Readonly<Record<LookAsideUpstream['type'], Shape>> = {
  gateway: gatewayShape,
  hashlookup: hashlookupShape,
  virustotal: virusTotalShape,
};

/** Control answers at once or is away. */
const TAKE_MS = 1000;
const RETRY_AFTER_MAX_MS = 3_600_000;

export interface UpstreamOptions {
  readonly settings: LookAsideUpstream;
  readonly limits: Pick<LookAsideConfig, 'failuresMax' | 'failurePauseMs'>;
  readonly token: string | undefined;
  readonly client: JsonClient;
  readonly link: Pick<ControlLink, 'call'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** One service that is asked, with its quota and its rest. */
export class Upstream {
  readonly settings: LookAsideUpstream;
  readonly #options: UpstreamOptions;
  readonly #shape: Shape;
  readonly #breaker: Breaker;

  constructor(options: UpstreamOptions) {
    const { settings, limits } = options;
    this.settings = settings;
    this.#options = options;
    this.#shape = SHAPES[settings.type];
    this.#breaker = new Breaker({ failuresMax: limits.failuresMax, pauseMs: limits.failurePauseMs });
  }

  get name(): string {
    return this.settings.name;
  }

  get rests(): boolean {
    return this.#breaker.rests(this.#options.clock.monotonic());
  }

  takes(question: Question): boolean {
    return this.settings.kinds.includes(question.kind);
  }

  /** `undefined`: it was not asked. */
  async ask(question: Question): Promise<UpstreamAnswer | undefined> {
    const { clock, client, token } = this.#options;
    const target = this.#shape.target(question);
    if (target === undefined) return undefined;
    if (!this.#breaker.admits(clock.monotonic())) return this.#unasked('resting');
    const taken = await this.#take();
    if (taken !== 'taken') {
      this.#breaker.released();
      return this.#unasked(taken);
    }
    const fields = { ...this.#shape.fields(token), [LOOK_ASIDE_FIELD]: '1' };
    const answer = this.#read(question, await client.get(target, fields));
    this.#count(answer.kind === 'failed' ? answer.reason : answer.kind);
    this.#note(answer);
    return answer;
  }

  close(): void {
    this.#options.client.close();
  }

  #read(question: Question, answer: JsonAnswer): UpstreamAnswer {
    if (answer.kind === 'failed') return answer;
    const { status, document, retryAfter } = answer;
    if (status === 200 || status === 404) return this.#shape.read(question, status, document, this.settings);
    if (status === 429) return { kind: 'limited', retryAfterMs: retryAfterOf(retryAfter) };
    return { kind: 'failed', reason: status === 401 || status === 403 ? 'refused' : 'status' };
  }

  async #take(): Promise<'taken' | 'quota' | 'control-away'> {
    const { perMinute, perDay, name } = this.settings;
    if (perMinute === 0 && perDay === 0) return 'taken';
    try {
      const told = await this.#options.link.call(TAKE_METHOD, { upstream: name }, TAKE_MS);
      return typeof told === 'object' && told !== null && 'taken' in told && told.taken === true
        ? 'taken'
        : 'quota';
    } catch {
      // Nobody counts now, so nothing is asked.
      return 'control-away';
    }
  }

  #note(answer: UpstreamAnswer): void {
    const { clock, log, limits } = this.#options;
    const now = clock.monotonic();
    if (answer.kind === 'failed') {
      if (this.#breaker.failed(now)) this.#tell(answer.reason);
    } else if (answer.kind === 'limited') {
      const pauseMs = Math.min(answer.retryAfterMs ?? limits.failurePauseMs, RETRY_AFTER_MAX_MS);
      this.#breaker.rest(now, pauseMs);
      log.warn('look-aside.limited', { upstream: this.name, pauseMs });
    } else this.#breaker.worked();
  }

  #tell(reason: FailureReason): void {
    this.#options.log.warn('look-aside.resting', {
      upstream: this.name,
      reason,
      pauseMs: this.#options.limits.failurePauseMs,
      hint: HINTS[reason] ?? 'see whether the service and the way to it work',
    });
  }

  #unasked(result: string): undefined {
    this.#count(result);
    return undefined;
  }

  #count(result: string): void {
    this.#options.metrics.counter('look_aside_queries_total', this.name, result).add();
  }
}

const HINTS: Partial<Record<FailureReason, string>> = {
  refused: 'the key in tokenFile is not accepted',
  unreadable: 'see whether lookAside.upstreams has the right type and url for it',
  'too-large': 'the bound is lookAside.answerBytesMax',
};

/** RFC 9110 §10.2.3 in seconds; dates are not worth trusting the other clock. */
function retryAfterOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}
