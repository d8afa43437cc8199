import type { FileType, FileVerdict, MaybePromise } from '../../kernel/index.ts';
import type { Phase, PolicyDecision, WebAccess } from '../policy/index.ts';
import type { Scan } from '../scan/index.ts';
import { BodyStart, START_BYTES_MAX } from './body-start.ts';
import type { ExchangeFacts } from './facts.ts';
import { HeldBody, type HeldBudget } from './held-body.ts';

export interface GateOptions {
  readonly access: Pick<WebAccess, 'decide'>;
  readonly facts: ExchangeFacts;
  readonly phase: Extract<Phase, 'request-body' | 'response-body'>;
  /** Provisional: it waits for what the scan finds out. */
  readonly decision: PolicyDecision;
  readonly scan: Scan;
  readonly budget: HeldBudget;
  /** All but the end of a long body goes on before the verdict; else nothing does. */
  readonly streams: boolean;
  /** Value of Content-Encoding: rules over types ask for what is behind it. */
  readonly contentEncoding?: string | undefined;
  /** A refused body is read to its end, for the quarantine. */
  wantsWhole(decision: PolicyDecision, file: FileVerdict | undefined): boolean;
}

/** What became of a body at its end. `too-long`: it may pass, but nobody has kept it. */
export type GateResult = 'pass' | 'refused' | 'too-long';

/**
 * A body on its way through a door that has it scanned: takes the bytes as they come, says what may go on, and keeps
 * the rest until policy knows enough. Whoever opens a gate closes it.
 */
export class BodyGate {
  readonly scan: Scan;
  decision: PolicyDecision;
  /** What was decided when the head was seen. */
  readonly headDecision: PolicyDecision;
  file: FileVerdict | undefined = undefined;
  readonly #options: GateOptions;
  readonly #held: HeldBody;
  #start: BodyStart | undefined;
  #isJudged = false;

  constructor(options: GateOptions) {
    this.#options = options;
    this.scan = options.scan;
    this.decision = options.decision;
    this.headDecision = options.decision;
    this.#held = new HeldBody(options.budget);
    this.#start = options.decision.needs.includes('file-type')
      ? new BodyStart(options.contentEncoding)
      : undefined;
  }

  /** Nothing more of it goes on, and nothing more need be read. */
  get isOver(): boolean {
    return this.#isRefused && !this.#options.wantsWhole(this.decision, this.file);
  }

  /** A certain block; one that still waits for facts is none. */
  get #isRefused(): boolean {
    return this.decision.decision === 'block' && (this.#isJudged || this.decision.needs.length === 0);
  }

  take(bytes: Uint8Array): MaybePromise<void> {
    const written = this.scan.write(bytes);
    if (this.#options.streams && !this.#isRefused) this.#held.add(bytes);
    const looked = this.#start === undefined ? undefined : this.#look(this.#start, bytes);
    if (written instanceof Promise || looked instanceof Promise) {
      return Promise.all([written, looked]).then(() => this.#early());
    }
    return this.#early();
  }

  /** What need not be held any longer; good until `recycle`. */
  released(): readonly Uint8Array[] {
    if (this.#isRefused) return [];
    // Until its type is told, if a rule asks for that.
    const least = this.#start === undefined ? 0 : START_BYTES_MAX;
    const window = this.#isJudged ? 0 : Math.max(this.#held.window, least);
    return this.#held.bytes <= window ? [] : this.#held.take(this.#held.bytes - window);
  }

  /** What was released has been written. */
  recycle(): void {
    this.#held.recycle();
  }

  /** The body is whole: waits for the verdict. */
  async finish(): Promise<GateResult> {
    if (this.#isRefused) {
      // Read on for the quarantine: only now it has hashes.
      this.file = await this.scan.finish();
      return 'refused';
    }
    if (!this.#isJudged) this.#judge(await this.scan.finish());
    if (this.#isRefused) return 'refused';
    return this.#options.streams || this.scan.replayable ? 'pass' : 'too-long';
  }

  /** Everything that was held, after `finish` has let it pass. */
  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.#options.streams) yield* this.#held.take();
    else yield* this.scan.replay();
  }

  close(): void {
    this.#held.clear();
    this.scan.close();
  }

  /** A rule that refuses by the type of a file needs no more than its start. */
  #look(start: BodyStart, bytes: Uint8Array): MaybePromise<void> {
    start.add(bytes);
    if (!start.isReady) return;
    const type = start.type();
    return type instanceof Promise ? type.then((told) => this.#typed(start, told)) : this.#typed(start, type);
  }

  #typed(start: BodyStart, type: FileType | undefined): void {
    if (start.isOver) this.#start = undefined;
    if (type === undefined) return;
    const { access, facts, phase } = this.#options;
    facts.scanned({ type }, false);
    const decision = access.decide(facts, phase);
    if (decision.decision === 'block' && decision.needs.length === 0) this.decision = decision;
  }

  #early(): void {
    if (this.#isJudged || this.#isRefused || this.scan.early === undefined) return;
    this.#judge(this.scan.early);
  }

  #judge(file: FileVerdict): void {
    const { access, facts, phase } = this.#options;
    facts.scanned({ file }, true);
    this.file = file;
    this.decision = access.decide(facts, phase);
    this.#isJudged = true;
  }
}
