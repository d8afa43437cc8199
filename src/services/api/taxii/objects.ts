import { exportPage, type WrittenAnswer, type WrittenCall } from '../../../engines/exports/edge/index.ts';
import type { WebAnswer, WebRequest } from '../../../engines/web/index.ts';
import {
  envelopeOf,
  isRefusal,
  manifestOf,
  readTaxiiQuery,
  TAXII_MATCHES,
  type TaxiiObject,
  type TaxiiPage,
  type TaxiiRecord,
  versionsOf,
} from '../../../protocols/taxii/index.ts';
import type { ApiEngines } from '../context.ts';
import { failureAnswer, notFound, refusalAnswer, taxiiAnswer } from './answers.ts';
import type { Collection } from './collections.ts';

export type Endpoint = keyof typeof TAXII_MATCHES;
type Engines = Pick<ApiEngines, 'exports' | 'config' | 'link'>;

/** What is read below a collection: objects, one object, its versions, the manifest. */
export async function pageAnswer(
  engines: Engines,
  collection: Collection,
  asked: { readonly request: WebRequest; readonly endpoint: Endpoint; readonly objectId?: string },
): Promise<WebAnswer> {
  try {
    return collection.kind === 'written'
      ? await writtenPage(engines, collection.name, asked)
      : await exportedPage(engines, collection, asked);
  } catch (error) {
    return failureAnswer(error);
  }
}

interface Asked {
  readonly request: WebRequest;
  readonly endpoint: Endpoint;
  readonly objectId?: string;
}

async function exportedPage(
  { exports, config }: Engines,
  { definition, format }: Extract<Collection, { kind: 'export' }>,
  { request, endpoint, objectId }: Asked,
): Promise<WebAnswer> {
  const parameters = new URLSearchParams(request.query);
  const read = readTaxiiQuery(parameters, TAXII_MATCHES[endpoint], config.taxii);
  if (isRefusal(read)) return refusalAnswer(read);
  const query = objectId === undefined ? read : { ...read, ids: new Set([objectId]) };
  const opened = await exports.open({ name: definition.name, format, anonymous: false }, 'index');
  try {
    const { producer } = config.exports;
    const { tlpMax } = definition.filter;
    const found = await exportPage(opened, query, { producer, tlpMax });
    if (objectId !== undefined && found.page.records.length === 0) {
      const bare = { ...query, addedAfter: undefined, next: undefined, limit: 1 };
      const there = await exportPage(
        opened,
        { ...bare, versions: { ...query.versions, all: true } },
        { producer, tlpMax },
      );
      if (there.page.records.length === 0) return notFound('There is no such object in the collection');
    }
    const objects = endpoint === 'objects' || endpoint === 'object' ? await found.objects() : [];
    return endpointAnswer(endpoint, found.page, objects);
  } finally {
    await opened.close();
  }
}

async function writtenPage(
  engines: Engines,
  collection: string,
  { request, endpoint, objectId }: Asked,
): Promise<WebAnswer> {
  const answer = await callWritten(engines, {
    op: 'page',
    collection,
    by: '',
    endpoint,
    search: request.query,
    withObjects: endpoint === 'objects' || endpoint === 'object',
    ...(objectId === undefined ? {} : { objectId }),
  });
  if ('refusal' in answer) return refusalAnswer(answer.refusal);
  if (!('page' in answer)) throw new TypeError('control answers a page with something else');
  return endpointAnswer(endpoint, answer.page, answer.objects);
}

function endpointAnswer(
  endpoint: Endpoint,
  page: TaxiiPage<TaxiiRecord>,
  objects: readonly TaxiiObject[],
): WebAnswer {
  const resource =
    endpoint === 'manifest'
      ? manifestOf(page)
      : endpoint === 'versions'
        ? versionsOf(page)
        : envelopeOf(page, objects);
  return taxiiAnswer(resource, { headers: page.headers });
}

/** What is written crosses to control in one frame of the bus, which has 16 MiB. */
const FRAME_BYTES = 12 * 1024 * 1024;

export function bodyBytesMax({ config }: Pick<Engines, 'config'>): number {
  return Math.min(config.api.bodyBytesMax, FRAME_BYTES);
}

/** §5.5: adds objects; the answer is a status that says later what became of them. */
export async function addAnswer(
  engines: Engines,
  collection: string,
  { request, by }: { readonly request: WebRequest; readonly by: string },
): Promise<WebAnswer> {
  const most = bodyBytesMax(engines);
  if (request.body.length > most) {
    return refusalAnswer({
      status: 413,
      code: 'TAXII_TOO_LARGE',
      title: 'Too large',
      description: `An envelope has at most ${most} bytes`,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(request.body).toString('utf8'));
  } catch {
    return refusalAnswer({
      status: 400,
      code: 'TAXII_BAD_ENVELOPE',
      title: 'Bad envelope',
      description: 'The body is no JSON document',
    });
  }
  const objects = objectsIn(json);
  if (objects === undefined) {
    return refusalAnswer({
      status: 422,
      code: 'TAXII_UNPROCESSABLE',
      title: 'Unprocessable envelope',
      description: 'The body is no object with a list of objects in it',
    });
  }
  return written(engines, { op: 'add', collection, by, objects }, (answer) =>
    'status' in answer ? taxiiAnswer(answer.status, { status: 202 }) : undefined,
  );
}

export function deleteAnswer(
  engines: Engines,
  collection: string,
  asked: { readonly request: WebRequest; readonly objectId: string; readonly by: string },
): Promise<WebAnswer> {
  const { request, objectId, by } = asked;
  return written(engines, { op: 'delete', collection, by, objectId, search: request.query }, (answer) =>
    'deleted' in answer ? { status: 200 } : undefined,
  );
}

export function statusAnswer(engines: Engines, id: string): Promise<WebAnswer> {
  return written(engines, { op: 'status', collection: '', by: '', id }, (answer) =>
    'status' in answer ? taxiiAnswer(answer.status) : undefined,
  );
}

async function written(
  engines: Engines,
  call: WrittenCall,
  answerOf: (answer: Exclude<WrittenAnswer, { refusal: unknown }>) => WebAnswer | undefined,
): Promise<WebAnswer> {
  try {
    const answer = await callWritten(engines, call);
    if ('refusal' in answer) return refusalAnswer(answer.refusal);
    const given = answerOf(answer);
    if (given === undefined) throw new TypeError(`control answers ${call.op} with something else`);
    return given;
  } catch (error) {
    return failureAnswer(error);
  }
}

async function callWritten({ link, config }: Engines, call: WrittenCall): Promise<WrittenAnswer> {
  // Control answers `taxii.call` with a `WrittenAnswer`.
  return (await link.call('taxii.call', call, config.exports.answerTimeoutMs)) as WrittenAnswer;
}

/** As they were sent: what is wrong with one of them is said in the status. */
function objectsIn(json: unknown): readonly unknown[] | undefined {
  const objects = typeof json === 'object' && json !== null && 'objects' in json ? json.objects : undefined;
  return Array.isArray(objects) ? objects : undefined;
}
