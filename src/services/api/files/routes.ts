import {
  jsonAnswer,
  queryParameter,
  type RouteTable,
  type WebAnswer,
  type WebHandler,
  type WebRequest,
} from '../../../engines/web/index.ts';
import type { ApiEngines } from '../context.ts';
import { errorAnswer } from '../control.ts';
import type { FileAccess } from './access.ts';
import { fileDocument, reportDocument } from './document.ts';
import type { AcceptedFile, AnalyzedFile } from './analyzed-file.ts';
import type { FileIntake } from './intake.ts';
import { BAD_HASH, BAD_WAIT, badProfile, BUSY, NOT_SCANNED } from './problems.ts';

const PATH = '/api/v1/files';

/** Paths whose bodies are files, and come as streams. */
const STREAMED: ReadonlySet<string> = new Set([PATH, '/vt/api/v3/files', '/api/v3/files']);

export function takesFiles({ method, path }: WebRequest): boolean {
  return method === 'POST' && STREAMED.has(path);
}

/** Hands a request with files to the intake, when its sender may and there is room. */
export type Uploads = (
  request: WebRequest,
  answer: (files: readonly AnalyzedFile[]) => WebAnswer,
  /** Given where an answer may come before the verdicts. */
  accepted?: (files: readonly AcceptedFile[]) => WebAnswer,
) => Promise<WebAnswer>;

export function createUploads(engines: ApiEngines, access: FileAccess, intake: FileIntake): Uploads {
  const { uploadsMax } = engines.config.files;
  let underWay = 0;
  return async (request, answer, accepted) => {
    const who = await access(request);
    if ('status' in who) return who;
    const profile = queryParameter(request.query, 'profile') ?? 'full';
    // Nothing at all would be done, and the answer would say `unknown` as if it had been.
    const profiles = engines.scan.profiles.filter((each) => each !== 'off');
    if (!profiles.includes(profile)) return { ...badProfile(profiles), close: true };
    if (underWay >= uploadsMax) return BUSY;
    underWay++;
    let done: Promise<unknown> | undefined;
    try {
      const how = { profile, user: who.user, waits: accepted === undefined };
      const taken = await intake.take(request, how);
      done = taken.done;
      if ('answer' in taken) return taken.answer;
      return accepted === undefined ? answer(taken.files) : accepted(taken.accepted);
    } finally {
      const ended = (): void => void underWay--;
      // Files that nobody waits for take room as the others do.
      if (done === undefined) ended();
      else void done.then(ended, ended);
    }
  };
}

/** RFC 9110 §15.3.3: the verdict will be there; until then its address answers 404. */
function acceptedAnswer(files: readonly AcceptedFile[]): WebAnswer {
  const documents = files.map((file) => ({ ...file, location: `${PATH}/${file.sha256}` }));
  const [only] = documents;
  const location = documents.length === 1 && only !== undefined ? [['Location', only.location] as const] : [];
  return {
    ...jsonAnswer(documents.length === 1 ? only : documents, 202),
    fields: [...location, ['Retry-After', '1']],
  };
}

/** `POST /api/v1/files`, and what was said of a file lately. */
export function fileRoutes(engines: ApiEngines, access: FileAccess, uploads: Uploads): RouteTable {
  const post: WebHandler = (request) => {
    const wait = queryParameter(request.query, 'wait') ?? 'true';
    if (wait !== 'true' && wait !== 'false') return { ...BAD_WAIT, close: true };
    return uploads(
      request,
      (files) => {
        const documents = files.map(fileDocument);
        return jsonAnswer(documents.length === 1 ? documents[0] : documents);
      },
      wait === 'false' ? acceptedAnswer : undefined,
    );
  };
  const get: WebHandler = async (request) => {
    const who = await access(request);
    if ('status' in who) return who;
    const sha256 = request.path.slice(PATH.length + 1).toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(sha256)) return BAD_HASH;
    try {
      const report = await engines.fileVerdicts.recall(sha256);
      return report === undefined ? NOT_SCANNED : jsonAnswer(reportDocument(report));
    } catch (error) {
      return errorAnswer(error);
    }
  };
  return new Map([
    [PATH, { POST: post }],
    [`${PATH}/`, { GET: get }],
  ]);
}
