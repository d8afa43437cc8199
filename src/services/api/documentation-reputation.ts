import { type RouteConfig, z } from '@hono/zod-openapi';
import { problems } from './documentation.ts';
import { matchSchema } from './schemas.ts';

/** The look-ups in the shapes of others, for the documentation. */

const WHO = 'Anonymous, unless reputation.requireToken is set; then scope reputation or read.';

const hash = (digits: number) => z.string().length(digits).describe(`${digits} hexadecimal digits`);

export const fileRecordSchema = z
  .looseObject({
    MD5: z.string().optional(),
    'SHA-1': z.string().optional(),
    'SHA-256': z.string().optional(),
    FileName: z.string().optional(),
    KnownMalicious: z.string().optional().describe('The list that calls it bad'),
    db: z.string().describe('The list that decided'),
    source: z.string().optional(),
    'insert-timestamp': z.string(),
    'hashlookup:trust': z.number().min(0).max(100).describe('50: neutral; below: bad; above: known good'),
    'hashlookup:parent-total': z.int().optional(),
    parents: z.array(z.object({ 'SHA-1': z.string(), source: z.string() })).optional(),
    'sallyport:verdict': z.enum(['clean', 'suspicious', 'malicious', 'unknown']),
    'sallyport:score': z.number().min(0).max(100),
    'sallyport:weak': z
      .boolean()
      .optional()
      .describe('Known good by MD5 or SHA-1 alone, which can be forged: no reason to skip a scan'),
    'sallyport:brief': z.boolean().optional().describe('Texts were left out: too many were read'),
    'sallyport:matches': z.array(matchSchema),
  })
  .openapi('FileRecord');

const messageSchema = z
  .object({ message: z.string(), query: z.string().optional() })
  .openapi('HashlookupMessage');

const pageSchema = (of: string) =>
  z.looseObject({ [of]: z.array(z.string()), cursor: z.string(), total: z.int() });

const vtErrorSchema = z
  .object({ error: z.object({ code: z.string(), message: z.string() }) })
  .openapi('VirusTotalError');

const vtObjectSchema = z
  .object({
    data: z.looseObject({
      id: z.string(),
      type: z.string(),
      links: z.looseObject({ self: z.string() }),
      attributes: z.looseObject({}).optional(),
    }),
  })
  .openapi('VirusTotalObject');

const vtAnalysisSchema = vtObjectSchema.extend({
  meta: z.union([
    z.object({ url_info: z.object({ id: z.string(), url: z.string() }) }),
    z.object({
      file_info: z.object({ sha256: z.string(), sha1: z.string(), md5: z.string(), size: z.int() }),
    }),
  ]),
});

const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});

const messages = (...statuses: readonly (readonly [number, string])[]) =>
  Object.fromEntries(statuses.map(([status, description]) => [status, json(description, messageSchema)]));

const vtErrors = (...statuses: readonly number[]) =>
  Object.fromEntries(statuses.map((status) => [status, json('Not done', vtErrorSchema)]));

const HASHES = [
  ['md5', 'MD5', 32],
  ['sha1', 'SHA-1', 40],
  ['sha256', 'SHA-256', 64],
] as const;

const page = z.object({ sha1: hash(40), count: z.int().min(0), cursor: z.string().describe('0 at first') });
const name = z.object({ name: z.string().min(1).max(120) });

const HASHLOOKUP: readonly RouteConfig[] = [
  ...HASHES.flatMap(([type, title, digits]): RouteConfig[] => [
    {
      method: 'get',
      path: `/lookup/${type}/{${type}}`,
      summary: `What is known about a file by its ${title}, in the shape of CIRCL hashlookup`,
      description: `${WHO} The field hashlookup_session names a session that collects what was asked.`,
      request: { params: z.object({ [type]: hash(digits) }) },
      responses: {
        200: json('It is known', fileRecordSchema),
        ...messages([400, `It is no ${title}`], [404, 'It is not known']),
        ...problems(401, 403),
      },
    },
    {
      method: 'post',
      path: `/bulk/${type}`,
      summary: `The records of those files that are known, by ${title}`,
      description: `${WHO} What is no ${title} is passed over. At most fileReputation.bulkHashesMax.`,
      request: {
        body: { content: { 'application/json': { schema: z.object({ hashes: z.array(z.string()) }) } } },
      },
      responses: {
        200: json('The known ones, in the order of the question', z.array(fileRecordSchema)),
        ...messages([400, 'It is no JSON'], [404, 'There is no array `hashes`'], [413, 'There are too many']),
        ...problems(401, 403),
      },
    },
  ]),
  {
    method: 'get',
    path: '/info',
    summary: 'How much is known about files, and from which lists',
    description: WHO,
    responses: {
      200: json('The answer', z.looseObject({ 'hashlookup-version': z.string() })),
      ...problems(401, 403),
    },
  },
  ...(['parents', 'children'] as const).map((of): RouteConfig => ({
    method: 'get',
    path: `/${of}/{sha1}/{count}/{cursor}`,
    summary:
      of === 'parents'
        ? 'Reports and packages that hold a file, each by the SHA-1 of its name'
        : 'Files that a report or package holds, by the SHA-1 of its name',
    description: WHO,
    request: { params: page },
    responses: {
      200: json('A page; cursor 0: the last one', pageSchema(of)),
      ...messages([400, 'It is no SHA-1'], [404, 'There are none'], [503, 'A part of the gateway is away']),
      ...problems(401, 403),
    },
  })),
  {
    method: 'get',
    path: '/session/create/{name}',
    summary: 'Begin a session, or make it live longer',
    description: WHO,
    request: { params: name },
    responses: {
      200: json('Done', messageSchema),
      ...messages(
        [400, 'It is no name'],
        [429, 'There are too many'],
        [503, 'A part of the gateway is away'],
      ),
      ...problems(401, 403),
    },
  },
  {
    method: 'get',
    path: '/session/get/{name}',
    summary: 'The known and unknown hashes of a session',
    description: WHO,
    request: { params: name },
    responses: {
      200: json(
        'The session',
        z.looseObject({ nx: z.array(z.string()), exist: z.array(z.string()), info: z.string() }),
      ),
      ...messages(
        [400, 'It is no name'],
        [404, 'There is no such session'],
        [503, 'A part of the gateway is away'],
      ),
      ...problems(401, 403),
    },
  },
  {
    method: 'get',
    path: '/stats/top',
    summary: 'The hashes that are asked for most',
    description: WHO,
    responses: {
      200: json(
        'Unknown and known ones with their counts',
        z.object({ nx: z.array(z.unknown()), exist: z.array(z.unknown()) }),
      ),
      ...messages([400, 'Nothing is counted'], [503, 'A part of the gateway is away']),
      ...problems(401, 403),
    },
  },
];

const VT_READS = [
  ['files', 'file', 'What is known about a file by MD5, SHA-1 or SHA-256'],
  ['domains', 'domain', 'What is known about a domain'],
  ['ip_addresses', 'ip', 'What is known about an address; there is an object for each'],
  ['urls', 'id', 'What is known about a URL, by its unpadded base64 or its SHA-256'],
] as const;

const VT_NOTE = `${WHO} In the shape of VirusTotal API v3; the same below /api/v3.`;

const VIRUSTOTAL: readonly RouteConfig[] = [
  ...VT_READS.map(([collection, id, summary]): RouteConfig => ({
    method: 'get',
    path: `/vt/api/v3/${collection}/{${id}}`,
    summary,
    description: VT_NOTE,
    request: { params: z.object({ [id]: z.string() }) },
    responses: { 200: json('The object', vtObjectSchema), ...vtErrors(400, 401, 403, 404, 429) },
  })),
  {
    method: 'post',
    path: '/vt/api/v3/urls',
    summary: 'Hand a URL in; it is answered for by its identifier from then on',
    description: VT_NOTE,
    request: {
      body: {
        content: {
          'application/x-www-form-urlencoded': { schema: z.object({ url: z.string() }) },
          'multipart/form-data': { schema: z.object({ url: z.string() }) },
        },
      },
    },
    responses: {
      200: json('The analysis, which is complete', vtObjectSchema),
      ...vtErrors(400, 401, 403, 429, 503),
    },
  },
  {
    method: 'get',
    path: '/vt/api/v3/analyses/{id}',
    summary: 'What came of a URL or file that was handed in',
    description: VT_NOTE,
    request: { params: z.object({ id: z.string() }) },
    responses: { 200: json('The analysis', vtAnalysisSchema), ...vtErrors(401, 403, 404, 429) },
  },
];

export const REPUTATION_DOCUMENTATION: readonly RouteConfig[] = [...HASHLOOKUP, ...VIRUSTOTAL];
