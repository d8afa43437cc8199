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
import type { AnalyzedFile, FileIntake } from './intake.ts';
import { BAD_HASH, badProfile, BUSY, NOT_SCANNED } from './problems.ts';

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
) => Promise<WebAnswer>;

export function createUploads(engines: ApiEngines, access: FileAccess, intake: FileIntake): Uploads {
  const { uploadsMax } = engines.config.files;
  let underWay = 0;
  return async (request, answer) => {
    const who = await access(request);
    if ('status' in who) return who;
    const profile = queryParameter(request.query, 'profile') ?? 'full';
    // Nothing at all would be done, and the answer would say `unknown` as if it had been.
    const profiles = engines.scan.profiles.filter((each) => each !== 'off');
    if (!profiles.includes(profile)) return { ...badProfile(profiles), close: true };
    if (underWay >= uploadsMax) return BUSY;
    underWay++;
    try {
      const taken = await intake.take(request, profile, who.user);
      return 'status' in taken ? taken : answer(taken);
    } finally {
      underWay--;
    }
  };
}

/** `POST /api/v1/files`, and what was said of a file lately. */
export function fileRoutes(engines: ApiEngines, access: FileAccess, uploads: Uploads): RouteTable {
  const post: WebHandler = (request) =>
    uploads(request, (files) => {
      const documents = files.map(fileDocument);
      return jsonAnswer(documents.length === 1 ? documents[0] : documents);
    });
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
