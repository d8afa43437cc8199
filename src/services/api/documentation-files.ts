import { type RouteConfig, z } from '@hono/zod-openapi';
import { INCOMPLETE_REASONS } from '../../kernel/index.ts';
import { problems, SECURITY } from './documentation.ts';
import { matchSchema } from './schemas.ts';

/** The way in for files and the way out of the quarantine, for the documentation. */

const severity = z.enum(['low', 'medium', 'high', 'critical']);

export const fileReportSchema = z
  .object({
    verdict: z.enum(['clean', 'suspicious', 'malicious', 'unknown']),
    score: z.number().min(0).max(100),
    matches: z.array(matchSchema).describe('Entries of lists that know the file'),
    sha256: z.string(),
    sha1: z.string(),
    md5: z.string(),
    bytes: z.int(),
    type: z
      .object({ name: z.string(), media: z.string(), family: z.string() })
      .describe('By content, not by name'),
    findings: z.array(
      z.object({
        stage: z.string(),
        name: z.string(),
        source: z.string(),
        severity,
        path: z.string().describe('Place inside the file; empty: the file itself'),
      }),
    ),
    incomplete: z
      .array(
        z.object({
          reason: z.enum(INCOMPLETE_REASONS),
          stage: z.string(),
          path: z.string(),
          detail: z.string(),
        }),
      )
      .describe('What was not looked at'),
    stages: z.array(
      z.object({
        stage: z.string(),
        state: z.enum(['done', 'skipped', 'failed']),
        tookMs: z.number(),
        why: z.string(),
      }),
    ),
    predictions: z
      .array(
        z.object({
          path: z.string(),
          model: z.string().describe('Model and version, or `rules`'),
          score: z.number().min(0).max(100),
          verdict: z.enum(['clean', 'suspicious', 'malicious']),
          reasons: z.array(z.string()),
        }),
      )
      .optional()
      .describe(
        'What models and rules think of the file and of what is in it; decides what prediction.files says',
      ),
    prevalence: z
      .object({ firstSeen: z.iso.datetime(), count: z.int(), sources: z.int() })
      .optional()
      .describe('How often this gateway has seen the file'),
    version: z.string(),
    cached: z.boolean(),
    scannedAt: z.iso.datetime(),
  })
  .openapi('FileReport');

export const analyzedFileSchema = fileReportSchema
  .extend({
    name: z.string().optional(),
    decision: z.enum(['allow', 'block']).describe('Of the policy, were the file on its way through'),
    rule: z.string(),
    reasons: z.array(z.string()),
    quarantine: z
      .union([
        z.object({ kept: z.literal(true), id: z.string() }),
        z.object({
          kept: z.literal(false),
          reason: z.enum(['too-large', 'full', 'changed', 'not-written', 'unavailable']),
        }),
      ])
      .optional()
      .describe('Where the file should be kept'),
  })
  .openapi('AnalyzedFile');

export const acceptedFileSchema = z
  .object({ name: z.string().optional(), sha256: z.string(), bytes: z.int(), location: z.string() })
  .openapi('AcceptedFile');

const WHO = 'Scope: files, unless files.requireToken is false.';
const binary = z.string().openapi({ format: 'binary' });
const form = z.object({ file: z.union([binary, z.array(binary)]) });

const upload = {
  body: {
    required: true,
    content: { 'application/octet-stream': { schema: binary }, 'multipart/form-data': { schema: form } },
  },
};

const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});

const vtErrors = Object.fromEntries(
  [400, 401, 403, 413, 429, 503].map((status) => [
    status,
    json('Not done', z.object({ error: z.object({ code: z.string(), message: z.string() }) })),
  ]),
);

export const FILE_DOCUMENTATION: readonly RouteConfig[] = [
  {
    method: 'post',
    path: '/api/v1/files',
    summary: 'Analyze files: the body is one, or a form with several; a list is answered for several',
    description: WHO,
    security: SECURITY,
    request: {
      ...upload,
      query: z.object({
        name: z.string().optional().describe('Of the file; goes before Content-Disposition'),
        profile: z.string().optional().describe('`full`, `hashes`, or one of scan.profiles'),
        wait: z
          .enum(['true', 'false'])
          .optional()
          .describe('`false`: the answer comes when the files are received, before their verdicts'),
      }),
    },
    responses: {
      200: json('The verdict', z.union([analyzedFileSchema, z.array(analyzedFileSchema)])),
      202: {
        ...json(
          'Received; the verdict will be at the address, which answers 404 until then',
          z.union([acceptedFileSchema, z.array(acceptedFileSchema)]),
        ),
        headers: z.object({ Location: z.string().optional().describe('Of one file') }),
      },
      ...problems(400, 401, 403, 408, 413, 415, 503),
    },
  },
  {
    method: 'get',
    path: '/api/v1/files/{sha256}',
    summary: 'The last verdict of a file that was analyzed lately',
    description: WHO,
    security: SECURITY,
    request: { params: z.object({ sha256: z.string().length(64) }) },
    responses: { 200: json('The verdict', fileReportSchema), ...problems(400, 401, 403, 404, 503) },
  },
  {
    method: 'get',
    path: '/api/v1/quarantine/content/{id}',
    summary: 'The bytes of a file in the quarantine, as they came in; who got them is in the audit',
    description: 'Scope: admin',
    security: SECURITY,
    request: { params: z.object({ id: z.string().describe('Id, the beginning of one, or SHA-256') }) },
    responses: {
      200: { description: 'The file', content: { 'application/octet-stream': { schema: binary } } },
      ...problems(401, 403, 404, 503),
    },
  },
  {
    method: 'post',
    path: '/vt/api/v3/files',
    summary: 'Hand a file in; it is analyzed when this answers',
    description: WHO,
    security: SECURITY,
    request: upload,
    responses: {
      200: json(
        'The analysis, which is complete',
        z.object({
          data: z.object({ type: z.literal('analysis'), id: z.string(), links: z.looseObject({}) }),
        }),
      ),
      ...vtErrors,
    },
  },
];
