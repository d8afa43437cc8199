import { z } from '@hono/zod-openapi';
import { TLPS } from '../../kernel/index.ts';
import { LOOKUP_KINDS } from './lookup.ts';

/** Shapes of the API, for checking what comes in and describing what goes out. */
export const problemSchema = z
  .object({
    type: z.string().describe('`urn:sallyport:problem:` and the code'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string().describe('Stable; branch on this'),
    hint: z.string().optional().describe('What to do next'),
  })
  .openapi('Problem');

export const matchSchema = z
  .object({
    feed: z.string().describe('Name of the feed, or `local`'),
    entry: z.string().describe('The entry as the list wrote it'),
    kind: z.enum(['host', 'domain', 'url', 'address', 'network', 'hash', 'email']),
    action: z.enum(['allow', 'block', 'label']),
    category: z.string(),
    severity: z.enum(['low', 'medium', 'high', 'critical']),
    addedAt: z.string().describe('ISO 8601, UTC'),
    confidence: z.number().describe('0 to 100'),
    tlp: z.enum(TLPS).describe('Traffic Light Protocol 2.0'),
    ageS: z.number(),
    expiresAt: z.iso.datetime().optional(),
    licence: z.string(),
  })
  .openapi('Match');

export const lookupQuery = z.object({
  kind: z.enum(LOOKUP_KINDS),
  value: z.string().min(1).describe('The URL, host name, address, hash of a file or mail address'),
});

export const lookupSchema = z
  .object({
    query: z.string(),
    verdict: z.enum(['clean', 'suspicious', 'malicious', 'unknown']),
    score: z.number().min(0).max(100),
    matches: z.array(matchSchema).describe('The entry that decided first'),
  })
  .openapi('Lookup');

export const explanationSchema = z
  .object({
    decision: z.enum(['allow', 'block']),
    rule: z.string().describe('Stable name of the rule that decided'),
    reasons: z.array(z.string()),
    match: matchSchema.optional(),
    tried: z.array(z.object({ rule: z.string(), matched: z.boolean(), why: z.string() })),
    versions: z.record(z.string(), z.string()),
  })
  .openapi('Explanation');

export const portSchema = z
  .object({
    port: z.int(),
    listenPort: z.int(),
    addresses: z.array(z.string()),
    transport: z.literal('tcp'),
    protocol: z.string(),
    tls: z.boolean(),
    door: z.string(),
    state: z.enum(['open', 'planned', 'disabled', 'failed']),
    purpose: z.string(),
  })
  .openapi('Port');

export const statusSchema = z
  .looseObject({
    state: z.string(),
    version: z.string(),
    processes: z.array(
      z.looseObject({
        role: z.string(),
        pid: z.int(),
        generation: z.int(),
        connections: z.int(),
        state: z.string(),
      }),
    ),
  })
  .openapi('Status');

/** What control lists, with the members that it has. */
export const listSchema = z.array(z.looseObject({ name: z.string() })).openapi('NamedList');

export const createdTokenSchema = z
  .looseObject({ name: z.string(), token: z.string().describe('Shown this once; only its hash is kept') })
  .openapi('CreatedToken');

const name = z.string().min(1).max(128).describe('Unique');

export const tokenBody = z.strictObject({
  name,
  scopes: z
    .array(
      z.enum([
        'read',
        'admin',
        'reputation',
        'files',
        'proxy',
        'directory',
        'products',
        'intel',
        'intel-write',
      ]),
    )
    .min(1),
  expires: z
    .string()
    .min(2)
    .max(16)
    .optional()
    .describe('Life from now, such as `90d`; without it the token has no end'),
});

export const nameParameter = z.object({ name });

export const readySchema = z
  .object({ ready: z.boolean(), reasons: z.array(z.string()) })
  .openapi('Readiness');

export const healthSchema = z.object({ state: z.literal('ok'), version: z.string() }).openapi('Liveness');
