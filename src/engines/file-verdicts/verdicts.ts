import type { ControlLink, EdgeLinks, FileVerdict } from '../../kernel/index.ts';
import type { FileVerdictStore } from './store.io.ts';

/**
 * The last verdict of each file, for whoever asks by its hash later: any edge may get the question. It is kept
 * by control and never decides anything; what decides is scanned, or in the cache of the scan engine.
 */
export interface FileVerdicts {
  /** Tells control. Never waits; what does not reach it is not known later. */
  remember(report: FileReport): void;
  /** Rejects while control is away. */
  recall(sha256: string): Promise<FileReport | undefined>;
}

export interface FileReport {
  readonly verdict: FileVerdict;
  /** When it was given. */
  readonly atMs: number;
}

const TOPIC = 'files.verdict';
const METHOD = 'files.verdict';
const CALL_MS = 2000;

export function createFileVerdicts(link: ControlLink): FileVerdicts {
  return {
    remember: (report) =>
      void link.post(TOPIC, { sha256: report.verdict.sha256, report: JSON.stringify(report) }),
    async recall(sha256) {
      const answer = await link.call(METHOD, { sha256 }, CALL_MS);
      const text = textOf(answer, 'report');
      // Control keeps what `remember` of the same version has sent.
      return text === undefined ? undefined : (JSON.parse(text) as FileReport);
    },
  };
}

/** The part of control. */
export function serveFileVerdicts(
  links: Pick<EdgeLinks, 'handle' | 'onPost'>,
  store: Pick<FileVerdictStore, 'remember' | 'recall'>,
): void {
  links.onPost(TOPIC, (data) => {
    const sha256 = textOf(data, 'sha256');
    const report = textOf(data, 'report');
    if (sha256 !== undefined && report !== undefined && SHA256.test(sha256)) store.remember(sha256, report);
  });
  links.handle(METHOD, async (params) => ({ report: await store.recall(textOf(params, 'sha256') ?? '') }));
}

const SHA256 = /^[0-9a-f]{64}$/;

function textOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const member: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  return typeof member === 'string' ? member : undefined;
}
