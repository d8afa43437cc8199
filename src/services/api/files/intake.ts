import type { PolicyFacts } from '../../../engines/policy/index.ts';
import type { KeepResult } from '../../../engines/quarantine/index.ts';
import type { Scan } from '../../../engines/scan/index.ts';
import type { WebAnswer, WebRequest } from '../../../engines/web/index.ts';
import type { Decision, FileVerdict, Metrics } from '../../../kernel/index.ts';
import type { ApiEngines } from '../context.ts';
import type { RequestNotes } from '../notes.ts';
import { type FileHead, type FileSink, readUpload } from './upload.ts';

/** One file after its analysis. */
export interface AnalyzedFile {
  readonly name: string | undefined;
  readonly verdict: FileVerdict;
  readonly decision: Decision;
  /** `undefined`: nobody wanted it kept. */
  readonly quarantine: KeepResult | undefined;
  readonly atMs: number;
}

export interface IntakeOptions {
  readonly engines: ApiEngines;
  readonly notes: RequestNotes;
  readonly metrics: Metrics;
}

export interface FileIntake {
  /** Analyzes the files of a request; an answer says why that ended early. */
  take(
    request: WebRequest,
    profile: string,
    user: string | undefined,
  ): Promise<readonly AnalyzedFile[] | WebAnswer>;
}

export function createIntake(options: IntakeOptions): FileIntake {
  const { engines, notes } = options;
  return {
    async take(request, profile, user) {
      const sink = new AnalysisSink(options, request, profile, user);
      try {
        const stopped = await readUpload(request, sink, engines.config.files, engines.clock);
        return stopped ?? sink.files;
      } finally {
        sink.close();
        notes.set(request, { bytesIn: sink.bytes, user });
      }
    },
  };
}

/** Scans each file as it comes; holds at most one open scan. */
class AnalysisSink implements FileSink {
  readonly files: AnalyzedFile[] = [];
  bytes = 0;
  readonly #options: IntakeOptions;
  readonly #request: WebRequest;
  readonly #profile: string;
  readonly #user: string | undefined;
  #scan: Scan | undefined;
  #head: FileHead | undefined;

  constructor(options: IntakeOptions, request: WebRequest, profile: string, user: string | undefined) {
    this.#options = options;
    this.#request = request;
    this.#profile = profile;
    this.#user = user;
  }

  begin(head: FileHead): void {
    const { name, mediaType, bytes } = head;
    this.#head = head;
    this.#scan = this.#options.engines.scan.open({
      name,
      profile: this.#profile,
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
    const verdict = await scan.finish();
    const { engines, metrics, notes } = this.#options;
    const name = this.#head?.name;
    const atMs = engines.clock.now();
    const decision = engines.policy.decide(
      'request-body',
      factsOf(this.#request, this.#user, name, verdict, atMs),
    );
    const wanted =
      (decision.quarantine && decision.decision === 'block') ||
      (engines.config.quarantine.malicious && verdict.verdict === 'malicious');
    const quarantine = wanted ? await this.#keep(scan, verdict, decision.rule) : undefined;
    this.files.push({ name, verdict, decision, quarantine, atMs });
    engines.fileVerdicts.remember({ verdict, atMs });
    metrics.counter('api_files_total', verdict.verdict).add();
    metrics.counter('api_file_bytes_total').add(verdict.bytes);
    const [reason] = decision.reasons;
    // Of several files the log names what was decided of the first that is blocked.
    if (notes.of(this.#request)?.decision !== 'block') {
      notes.set(this.#request, { decision: decision.decision, rule: decision.rule, reason });
    }
    this.close();
  }

  /** Frees what the scan holds; a client that left in the middle leaves nothing behind. */
  close(): void {
    this.#scan?.close();
    this.#scan = undefined;
  }

  #keep(scan: Scan, verdict: FileVerdict, rule: string): Promise<KeepResult> {
    if (!scan.replayable) return Promise.resolve({ kept: false, reason: 'too-large' });
    const [first] = verdict.findings;
    return this.#options.engines.quarantine.keep(
      {
        name: this.#head?.name,
        sha256: verdict.sha256,
        bytes: verdict.bytes,
        media: verdict.type.media,
        door: 'api',
        source: this.#request.source,
        user: this.#user,
        rule,
        finding: first === undefined ? undefined : { stage: first.stage, name: first.name, path: first.path },
      },
      () => scan.replay(),
    );
  }
}

function factsOf(
  request: WebRequest,
  user: string | undefined,
  name: string | undefined,
  file: FileVerdict,
  nowMs: number,
): PolicyFacts {
  return {
    door: 'api',
    source: request.source,
    user,
    nowMs,
    method: request.method,
    scheme: request.encrypted ? 'https' : 'http',
    // Nobody is reached: a rule about destinations does not fit a file that is only handed in.
    host: '',
    port: 0,
    requestField: (field) => request.field(field),
    fileName: name,
    bytes: file.bytes,
    fileType: file.type,
    file,
    verdict: () => file,
    later: 0,
  };
}
