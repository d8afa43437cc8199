import type { FileVerdict, MaybePromise } from '../../kernel/index.ts';
import {
  BodyStart,
  type ExchangeFacts,
  LATE_REASON,
  laterChanges,
  saidLate,
} from '../../engines/exchange/index.ts';
import type { Phase, PolicyDecision } from '../../engines/policy/index.ts';
import type { Scan, ScanRequest } from '../../engines/scan/index.ts';
import { encodeContinue, type IcapRequestHead, type IcapViolationStop } from '../../protocols/icap/index.ts';
import { blocked } from './answers.ts';
import { BodyAnswer } from './body-answer.ts';
import { keepFile, wantsFile } from './keep-file.ts';
import { MessageHeads } from './message-heads.ts';
import type { IcapService } from './service-table.ts';
import { type After, cut, next, type Turn } from './turn.ts';
import type { Transaction } from './transaction.ts';

export interface Job {
  readonly head: IcapRequestHead;
  readonly facts: ExchangeFacts;
  readonly service: IcapService;
  /** Profile of the scan; `off`: the body only goes through. */
  readonly scan: string;
}

/** Takes a body, has it scanned, and answers. */
export function inspect(session: Turn, tx: Transaction, job: Job): MaybePromise<After> {
  const { context } = session;
  if (context.bodies >= context.config.icap.transactionsMax) return session.refuse(tx, 'ICAP_BUSY');
  context.bodies++;
  context.counters.bodies.add(1);
  const inspection = new Inspection(session, tx, job);
  return inspection.run().finally(() => {
    inspection.close();
    context.bodies--;
    context.counters.bodies.add(-1);
  });
}

type Taken = 'whole' | 'early' | 'decided' | 'cut' | IcapViolationStop;

class Inspection {
  readonly #session: Turn;
  readonly #tx: Transaction;
  readonly #facts: ExchangeFacts;
  readonly #service: IcapService;
  readonly #phase: Phase;
  readonly #scan: Scan | undefined;
  readonly #answer: BodyAnswer;
  readonly #heads: MessageHeads;
  /** When the head was seen. */
  readonly #headDecision: PolicyDecision | undefined;
  readonly #mediaType: string | undefined;
  /** What the preview, or what comes first, has to say, where a rule asks for the type. */
  readonly #start: BodyStart;
  #isJudged: boolean;
  #inPreview: boolean;

  constructor(session: Turn, tx: Transaction, { head, facts, service, scan }: Job) {
    const { context } = session;
    this.#session = session;
    this.#tx = tx;
    this.#facts = facts;
    this.#service = service;
    this.#phase = head.method === 'REQMOD' ? 'request-body' : 'response-body';
    this.#inPreview = head.preview !== undefined;
    this.#isJudged = scan === 'off';
    const fields = (head.method === 'REQMOD' ? head.request : head.response)?.head?.fields;
    const contentEncoding = fields?.all('content-encoding').join(',') ?? '';
    this.#start = new BodyStart(contentEncoding);
    this.#scan =
      scan === 'off'
        ? undefined
        : context.scan.open({
            ...scanRequest(tx, head, facts, scan),
            ...(contentEncoding === '' ? {} : { contentEncoding }),
          });
    const heads = new MessageHeads(head, context.limits.fieldsMax);
    this.#heads = heads;
    this.#headDecision = tx.decision;
    this.#mediaType = fields?.get('content-type');
    const edited = tx.decision === undefined ? undefined : heads.edited(tx.decision);
    keepFacts(tx, facts, head, heads);
    this.#answer = new BodyAnswer(tx, {
      heads,
      edited,
      scan: this.#scan,
      allows204: head.allows204,
      allows206: head.allows206,
    });
  }

  close(): void {
    this.#answer.close();
    this.#scan?.close();
  }

  async run(): Promise<After> {
    const tx = this.#tx;
    for (;;) {
      const taken = await this.#take();
      if (typeof taken === 'object') return this.#session.violated(tx, taken);
      if (taken === 'cut') return cut(tx);
      if (taken === 'early') {
        this.#judge(this.#scan!.early!);
        // What may pass all the same is taken to its end, unless the client can keep it; what is kept, too.
        if (this.#isBlocked ? wantsFile(tx) : !this.#answer.canSpare(this.#inPreview)) continue;
      } else if (taken === 'whole' && (!this.#isJudged || wantsFile(tx))) {
        this.#judge(await this.#answer.awaken(this.#scan!.finish()));
      }
      return this.#finish();
    }
  }

  get #isBlocked(): boolean {
    return this.#tx.decision?.decision === 'block' && !this.#service.profile.monitors;
  }

  async #finish(): Promise<After> {
    const tx = this.#tx;
    const { decision } = tx;
    const monitored = decision?.decision === 'block' && this.#service.profile.monitors;
    const sent =
      decision !== undefined && this.#isBlocked
        ? await this.#refuse(decision)
        : await this.#answer.pass(this.#inPreview, monitored ? decision : undefined);
    await keepFile(tx, this.#scan, this.#facts.fileName);
    return sent;
  }

  async #refuse(decision: PolicyDecision): Promise<After> {
    const tx = this.#tx;
    if (this.#answer.hasBegun) {
      // The client must not take what it has for the whole.
      tx.error = 'ICAP_CUT_BY_VERDICT';
      tx.wire.destroy('reset');
      tx.finish('blocked');
      return 'close';
    }
    await tx.wire.writeAll(blocked(tx, decision));
    tx.finish('blocked');
    return next(tx);
  }

  /** Reads the body as far as it has to be read. */
  async #take(): Promise<Taken> {
    const session = this.#session;
    const { decoder } = session;
    for (;;) {
      const event = session.next();
      switch (event.kind) {
        case 'body': {
          const written = this.#scan?.write(event.bytes);
          // What is refused already is read for the quarantine alone.
          const passes = !this.#isBlocked;
          if (passes) this.#answer.take(event.bytes);
          const isTold = this.#remember(event.bytes);
          if (written instanceof Promise) await written;
          if (isTold && (await this.#startDecides())) return 'decided';
          if (!this.#isJudged && this.#scan?.early !== undefined) return 'early';
          if (passes && !this.#inPreview) {
            const released = this.#answer.release(this.#isJudged);
            if (released instanceof Promise) await released;
          }
          continue;
        }
        case 'preview-end':
          if (event.ieof) continue;
          if (await this.#startDecides()) return 'decided';
          this.#inPreview = false;
          decoder.continue();
          await this.#tx.wire.write(encodeContinue());
          continue;
        case 'end':
          return 'whole';
        case 'need-data': {
          const more = session.more();
          if (!(more instanceof Promise ? await this.#answer.readOn(more) : more)) return 'cut';
          continue;
        }
        case 'violation':
          return event;
        default:
          throw new TypeError(`a body has no ${event.kind}`);
      }
    }
  }

  /** Whether there is enough of it now to tell its type, behind a preview. Only where a rule asks: telling it costs. */
  #remember(bytes: Uint8Array): boolean {
    if (!this.#tx.decision?.needs.includes('file-type')) return false;
    this.#start.add(bytes);
    return !this.#inPreview && this.#start.isReady;
  }

  /** A rule that refuses by the type of a file needs no more than its start. */
  async #startDecides(): Promise<boolean> {
    if (this.#start.isEmpty || this.#isJudged) return false;
    const told = this.#start.type();
    const type = told instanceof Promise ? await told : told;
    if (type === undefined) return false;
    this.#facts.scanned({ type }, false);
    const decision = this.#tx.context.access.decide(this.#facts, this.#phase);
    if (decision.decision !== 'block' || decision.needs.length > 0 || this.#service.profile.monitors)
      return false;
    this.#tx.decision = decision;
    return true;
  }

  #judge(file: FileVerdict): void {
    const tx = this.#tx;
    this.#isJudged = true;
    this.#facts.scanned({ file }, true);
    const decision = tx.context.access.decide(this.#facts, this.#phase);
    tx.file = file;
    tx.fileName = this.#facts.fileName;
    tx.decision = this.#changed(decision);
    this.#detail(tx.decision);
  }

  /** Rules that fitted only now change the head as well, while it is here. */
  #changed(decision: PolicyDecision): PolicyDecision {
    const heads = this.#heads;
    const later = laterChanges(this.#headDecision, decision, heads.message);
    if (later.changes.length === 0 || this.#answer.change(heads.edited(decision))) return decision;
    return saidLate(decision, later);
  }

  #detail({ log, monitored, reasons }: PolicyDecision): void {
    const tx = this.#tx;
    const unchanged = reasons.includes(LATE_REASON) ? reasons.at(-1) : undefined;
    const isFull = log === 'full';
    if (monitored.length === 0 && unchanged === undefined && !isFull) return;
    const { notes, detail } = tx;
    tx.detail = {
      userAgent: detail?.userAgent ?? (isFull ? notes?.agent : undefined),
      referrer: detail?.referrer ?? (isFull ? notes?.referrer : undefined),
      mediaType: detail?.mediaType ?? (isFull ? this.#mediaType : undefined),
      monitored,
      unchanged,
    };
  }
}

function scanRequest(
  tx: Transaction,
  head: IcapRequestHead,
  facts: ExchangeFacts,
  profile: string,
): ScanRequest {
  const mediaType = (head.method === 'REQMOD' ? head.request : head.response)?.head?.fields.get(
    'content-type',
  );
  return {
    name: head.fields.get('x-scan-file-name') ?? facts.fileName,
    profile,
    url: tx.url,
    source: facts.source,
    sha256Only: true,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(facts.bytes === undefined ? {} : { bytes: facts.bytes }),
  };
}

/** The wire will be read before policy is asked again: what it may ask for is copied. */
function keepFacts(tx: Transaction, facts: ExchangeFacts, head: IcapRequestHead, heads: MessageHeads): void {
  facts.keep(tx.context.access.policy.requestFields);
  heads.keep();
  const response = head.response?.head;
  if (response === undefined) return;
  facts.answered(response.status, heads.fields ?? NO_FIELDS, response.contentLength);
}

const NO_FIELDS = new Map<string, string>();
