import type { FileReport } from '../../../engines/file-verdicts/index.ts';
import type { WebAnswer, WebRequest } from '../../../engines/web/index.ts';
import type { FileVerdict } from '../../../kernel/index.ts';
import type { ApiEngines } from '../context.ts';
import type { AnalyzedFile, Uploads } from '../files/index.ts';
import { baseOf, json, notFound } from './answers.ts';
import { vtError, vtProblem } from './errors.ts';

/** Files that are handed in, and what became of them. */
export class VtFiles {
  readonly #engines: Pick<ApiEngines, 'fileVerdicts' | 'clock'>;
  readonly #uploads: Uploads;

  constructor(engines: Pick<ApiEngines, 'fileVerdicts' | 'clock'>, uploads: Uploads) {
    this.#engines = engines;
    this.#uploads = uploads;
  }

  /** `POST files`: analyzed when this answers, so that the analysis is found complete at the first question. */
  async submit(request: WebRequest): Promise<WebAnswer> {
    const base = baseOf(request);
    const answer = await this.#uploads(request, (files) => {
      const [file] = files;
      if (file === undefined) return vtError('BadRequestError', 'The form has no file');
      const id = analysisId(file);
      return json({ data: { type: 'analysis', id, links: { self: `${base}/analyses/${id}` } } });
    });
    return vtProblem(answer);
  }

  /** `GET files/upload_url`: where files over 32 MiB go at VirusTotal. Here all go the same way. */
  uploadUrl(request: WebRequest): WebAnswer {
    const authority = request.field('host') ?? '';
    const { pathname } = new URL(baseOf(request));
    return json({
      data:
        authority === ''
          ? `${baseOf(request)}/files`
          : `${request.encrypted ? 'https' : 'http'}://${authority}${pathname}/files`,
    });
  }

  /** `GET analyses/ID` of a file; `undefined`: the id is none of ours. */
  async analysis(id: string, request: WebRequest): Promise<WebAnswer | undefined> {
    const [, sha256, time] = /^f-([0-9a-f]{64})-(\d{1,12})$/.exec(id) ?? [];
    if (sha256 === undefined) return undefined;
    const report = await this.#recall(sha256);
    if (report === 'away') return AWAY;
    if (report === undefined) return notFound('Analysis', id);
    const { verdict } = report;
    const base = baseOf(request);
    return json({
      meta: { file_info: { sha256, sha1: verdict.sha1, md5: verdict.md5, size: verdict.bytes } },
      data: {
        id,
        type: 'analysis',
        links: { self: `${base}/analyses/${id}`, item: `${base}/files/${sha256}` },
        attributes: { date: Number(time), status: 'completed', ...analysisOf(verdict) },
      },
    });
  }

  /** What a scan has found about a file, as attributes of its object; `undefined`: nobody has handed it in lately. */
  async attributes(sha256: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const report = await this.#recall(sha256);
    if (report === undefined || report === 'away') return undefined;
    const { verdict, atMs } = report;
    const { stats, results } = analysisOf(verdict);
    return {
      sha256,
      sha1: verdict.sha1,
      md5: verdict.md5,
      size: verdict.bytes,
      type_description: verdict.type.media,
      type_tag: verdict.type.name,
      last_analysis_stats: stats,
      last_analysis_results: results,
      last_analysis_date: Math.floor(atMs / 1000),
      last_submission_date: Math.floor(atMs / 1000),
      reputation: verdict.verdict === 'unknown' ? 0 : (50 - verdict.score) * 2,
      tags: [verdict.type.family],
      total_votes: { harmless: 0, malicious: 0 },
      sallyport_verdict: verdict.verdict,
      sallyport_score: verdict.score,
      sallyport_findings: verdict.findings,
    };
  }

  async #recall(sha256: string): Promise<FileReport | undefined | 'away'> {
    try {
      return await this.#engines.fileVerdicts.recall(sha256);
    } catch {
      // It rejects while control is away, and for nothing else.
      return 'away';
    }
  }
}

const AWAY = vtError('TransientError', 'The gateway cannot look it up now; try again in a moment');

function analysisId({ verdict, atMs }: AnalyzedFile): string {
  return `f-${verdict.sha256}-${Math.floor(atMs / 1000)}`;
}

type Category = 'harmless' | 'malicious' | 'suspicious' | 'undetected' | 'timeout' | 'failure';

/** Each stage is an engine, and each list that has an entry. */
function analysisOf(verdict: FileVerdict) {
  const results: Record<string, object> = Object.create(null);
  const stats = { malicious: 0, suspicious: 0, undetected: 0, harmless: 0, timeout: 0, failure: 0 };
  const add = (name: string, category: Category, result: string | null): void => {
    if (name in results) return;
    results[name] = { category, engine_name: name, method: 'blacklist', result };
    stats[category]++;
  };
  for (const { stage, name, severity } of verdict.findings) {
    add(stage, severity === 'low' ? 'suspicious' : 'malicious', name);
  }
  for (const { feed, action, category } of verdict.matches) {
    if (action !== 'label') add(feed, action === 'allow' ? 'harmless' : 'malicious', category);
  }
  for (const { reason, stage } of verdict.incomplete) {
    add(stage, reason === 'timeout' ? 'timeout' : 'failure', reason);
  }
  for (const { stage, state } of verdict.stages) if (state === 'done') add(stage, 'undetected', null);
  return { stats, results };
}
