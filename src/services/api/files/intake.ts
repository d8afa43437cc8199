import type { PolicyFacts } from '../../../engines/policy/index.ts';
import type { KeepResult } from '../../../engines/quarantine/index.ts';
import { type Scan, worstPrediction } from '../../../engines/scan/index.ts';
import type { WebAnswer, WebRequest } from '../../../engines/web/index.ts';
import type { FileVerdict, Metrics } from '../../../kernel/index.ts';
import type { ApiEngines } from '../context.ts';
import type { RequestNotes } from '../notes.ts';
import type { AcceptedFile, AnalyzedFile } from './analyzed-file.ts';
import { suspectFile } from './malicious-file.ts';
import { type FileHead, type FileSink, readUpload } from './upload.ts';

export interface IntakeOptions {
  readonly engines: ApiEngines;
  readonly notes: RequestNotes;
  readonly metrics: Metrics;
}

export interface IntakeRequest {
  readonly profile: string;
  readonly user: string | undefined;
  /** False: the answer does not wait for the verdicts. */
  readonly waits: boolean;
}

export interface Taken {
  /** Those that were waited for. */
  readonly files: readonly AnalyzedFile[];
  readonly accepted: readonly AcceptedFile[];
  /** Resolves when nothing of the request is under way any more. Never rejects. */
  readonly done: Promise<unknown>;
}

export interface FileIntake {
  /** Analyzes the files of a request; an answer says why that ended early. */
  take(
    request: WebRequest,
    how: IntakeRequest,
  ): Promise<Taken | { readonly answer: WebAnswer; readonly done: Promise<unknown> }>;
}

export function createIntake(options: IntakeOptions): FileIntake {
  const { engines, notes } = options;
  return {
    async take(request, how) {
      const sink = new AnalysisSink(options, request, how);
      try {
        const stopped = await readUpload(request, sink, engines.config.files, engines.clock);
        const { files, accepted } = sink;
        const done = sink.done();
        return stopped === undefined ? { files, accepted, done } : { answer: stopped, done };
      } finally {
        sink.close();
        notes.set(request, { bytesIn: sink.bytes, user: how.user });
      }
    },
  };
}

/** Scans each file as it comes; holds at most one scan that is open for bytes. */
class AnalysisSink implements FileSink {
  readonly files: AnalyzedFile[] = [];
  readonly accepted: AcceptedFile[] = [];
  bytes = 0;
  readonly #options: IntakeOptions;
  readonly #request: WebRequest;
  readonly #how: IntakeRequest;
  readonly #underWay: Promise<void>[] = [];
  #facts: RequestFacts | undefined;
  #scan: Scan | undefined;
  #head: FileHead | undefined;

  constructor(options: IntakeOptions, request: WebRequest, how: IntakeRequest) {
    this.#options = options;
    this.#request = request;
    this.#how = how;
  }

  begin(head: FileHead): void {
    const { name, mediaType, bytes } = head;
    this.#head = head;
    this.#scan = this.#options.engines.scan.open({
      name,
      profile: this.#how.profile,
      source: this.#request.source,
      ...(mediaType === undefined ? {} : { mediaType }),
      ...(bytes === undefined ? {} : { bytes }),
    });
  }

  write(bytes: Uint8Array): void | Promise<void> {
    this.bytes += bytes.length;
    return this.#scan?.write(bytes);
  }

  async end(): Promise<void> {
    const scan = this.#scan;
    if (scan === undefined) return;
    const name = this.#head?.name;
    this.#facts ??= requestFacts(this.#request, this.#how.user, this.#options.engines.policy.requestFields);
    if (!this.#how.waits) {
      this.accepted.push({ name, sha256: scan.sha256(), bytes: scan.bytes });
      // The scan is closed when it is done, not with the request.
      this.#scan = undefined;
      this.#underWay.push(this.#conclude(scan, name, this.#facts).then(() => undefined));
      return;
    }
    const file = await this.#conclude(scan, name, this.#facts);
    this.files.push(file);
    this.#scan = undefined;
    const { notes } = this.#options;
    const { decision, rule, reasons } = file.decision;
    // Of several files the log names what was decided of the first that is blocked.
    if (notes.of(this.#request)?.decision !== 'block') {
      notes.set(this.#request, { decision, rule, reason: reasons[0] });
    }
  }

  /** Frees what the scan holds; a client that left in the middle leaves nothing behind. */
  close(): void {
    this.#scan?.close();
    this.#scan = undefined;
  }

  done(): Promise<unknown> {
    return Promise.all(this.#underWay);
  }

  async #conclude(scan: Scan, name: string | undefined, facts: RequestFacts): Promise<AnalyzedFile> {
    const { engines, metrics } = this.#options;
    try {
      const verdict = await scan.finish();
      const atMs = engines.clock.now();
      const decision = engines.policy.decide('request-body', fileFacts(facts, name, verdict, atMs));
      const wanted =
        (decision.quarantine && decision.decision === 'block') ||
        (engines.config.quarantine.malicious && verdict.verdict === 'malicious');
      const quarantine = wanted
        ? await this.#keep({ scan, name, verdict, rule: decision.rule, facts })
        : undefined;
      engines.fileVerdicts.remember({ verdict, atMs });
      metrics.counter('api_files_total', verdict.verdict).add();
      metrics.counter('api_file_bytes_total').add(verdict.bytes);
      const file = { name, verdict, decision, quarantine, atMs };
      if (verdict.verdict === 'malicious' || worstPrediction(verdict) !== undefined) {
        engines.events.post(suspectFile(file, facts));
      }
      return file;
    } finally {
      scan.close();
    }
  }

  #keep({ scan, name, verdict, rule, facts }: Kept): Promise<KeepResult> {
    if (!scan.replayable) return Promise.resolve({ kept: false, reason: 'too-large' });
    const [first] = verdict.findings;
    return this.#options.engines.quarantine.keep(
      {
        name,
        sha256: verdict.sha256,
        bytes: verdict.bytes,
        media: verdict.type.media,
        door: 'api',
        source: facts.source,
        user: facts.user,
        rule,
        finding: first === undefined ? undefined : { stage: first.stage, name: first.name, path: first.path },
      },
      () => scan.replay(),
    );
  }
}

interface Kept {
  readonly scan: Scan;
  readonly name: string | undefined;
  readonly verdict: FileVerdict;
  readonly rule: string;
  readonly facts: RequestFacts;
}

/** What a policy may ask of the request, copied: a file may be judged when the request is gone. */
type RequestFacts = Pick<
  PolicyFacts,
  'door' | 'source' | 'user' | 'method' | 'scheme' | 'host' | 'port' | 'requestField'
>;

function requestFacts(request: WebRequest, user: string | undefined, names: readonly string[]): RequestFacts {
  const fields = new Map(names.map((name) => [name, request.field(name)]));
  return {
    door: 'api',
    source: request.source,
    user,
    method: request.method,
    scheme: request.encrypted ? 'https' : 'http',
    // Nobody is reached: a rule about destinations does not fit a file that is only handed in.
    host: '',
    port: 0,
    requestField: (field) => fields.get(field),
  };
}

function fileFacts(
  facts: RequestFacts,
  name: string | undefined,
  file: FileVerdict,
  nowMs: number,
): PolicyFacts {
  return {
    ...facts,
    nowMs,
    fileName: name,
    bytes: file.bytes,
    fileType: file.type,
    file,
    verdict: () => file,
    later: 0,
  };
}
