import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import { entityOf } from './entity.ts';
import type { ManagementRoute } from './route.ts';

const text = z.string().min(1).max(4_194_304).describe('The document as YAML or JSON');

const applyBody = z
  .strictObject({
    text,
    confirmWithin: z
      .string()
      .max(16)
      .optional()
      .describe('Taken back unless confirmed in this time, such as `5m`'),
    dryRun: z.boolean().optional().describe('Only check it'),
  })
  .openapi('PolicyChange');

const rollbackBody = z
  .strictObject({ version: z.int().min(1).describe('Number of the configuration version') })
  .openapi('PolicyRollback');

const testBody = z
  .strictObject({
    text: text.describe('The expectations as YAML or JSON'),
    policy: text.optional().describe('Try this policy instead of the one in force'),
  })
  .openapi('PolicyTest');

const policySchema = z
  .looseObject({
    version: z.string().describe('Made of the text: the same text has the same version'),
    isDefault: z.boolean(),
    confirmUntil: z.string().nullable(),
    rules: z.int(),
    text: z.string(),
  })
  .openapi('Policy');

const appliedSchema = z
  .looseObject({
    version: z.string().optional(),
    changed: z.boolean().optional(),
    tookMs: z.number().optional().describe('Until every edge had it in force'),
    edges: z.array(z.object({ pid: z.int(), version: z.string() })).optional(),
    warnings: z.array(z.looseObject({ path: z.string(), message: z.string() })),
  })
  .openapi('AppliedPolicy');

const versionParameter = z.object({ number: z.string().regex(/^\d{1,9}$/) });

const versionSchema = z
  .looseObject({ number: z.int(), at: z.string(), author: z.string(), summary: z.string() })
  .openapi('PolicyVersion');

const resultsSchema = z
  .looseObject({
    passed: z.int(),
    failed: z.int(),
    results: z.array(z.looseObject({ name: z.string(), passed: z.boolean(), rule: z.string() })),
    warnings: z
      .array(z.looseObject({ path: z.string(), message: z.string() }))
      .describe('Rules that can never fit, lists that nobody uses'),
  })
  .openapi('PolicyTestResults');

const BASE = '/api/v1/policies';
const policyEntity = () => entityOf('policy show', {}, ['confirmUntil']);
const diffBody = z.strictObject({ text }).openapi('PolicyText');

/** The policy: the same commands as on the command line, with the document in the body. */
export const POLICY_ROUTES: readonly ManagementRoute[] = [
  {
    method: 'get',
    path: BASE,
    entity: policyEntity,
    scopes: ['read'],
    summary: 'The policy in force',
    success: { status: 200, schema: policySchema },
    run: ({ link }, { user }) => runCommand(link, 'policy show', {}, user),
  },
  {
    method: 'post',
    path: BASE,
    entity: policyEntity,
    scopes: ['admin'],
    summary: 'Check a policy and put it in force in every edge',
    body: applyBody,
    success: { status: 200, schema: appliedSchema },
    run({ link }, { user, body }) {
      const { text: given, confirmWithin, dryRun = false } = applyBody.parse(body);
      const confirm = confirmWithin === undefined ? {} : { 'confirm-within': confirmWithin };
      return runCommand(
        link,
        'policy apply',
        { options: { text: given, 'dry-run': dryRun, ...confirm } },
        user,
      );
    },
  },
  {
    method: 'get',
    path: `${BASE}/versions`,
    scopes: ['read'],
    summary: 'Versions in which the policy was changed, newest first',
    success: { status: 200, schema: z.array(versionSchema) },
    run: ({ link }, { user }) => runCommand(link, 'policy versions', { options: { limit: '1000' } }, user),
  },
  {
    method: 'get',
    path: `${BASE}/versions/{number}`,
    scopes: ['read'],
    summary: 'The policy as it was in a version',
    params: versionParameter,
    success: { status: 200, schema: z.object({ number: z.int(), text: z.string() }) },
    run({ link }, { user, params }) {
      const { number } = versionParameter.parse(params);
      return runCommand(link, 'policy show', { options: { version: number } }, user);
    },
  },
  {
    method: 'post',
    path: `${BASE}/confirm`,
    scopes: ['admin'],
    summary: 'Keep a policy that waits to be confirmed',
    body: z.strictObject({}),
    success: { status: 200, schema: z.object({ version: z.string(), confirmed: z.boolean() }) },
    run: ({ link }, { user }) => runCommand(link, 'policy confirm', {}, user),
  },
  {
    method: 'post',
    path: `${BASE}/rollback`,
    entity: policyEntity,
    scopes: ['admin'],
    summary: 'Put the policy of an earlier version in force again',
    body: rollbackBody,
    success: { status: 200, schema: appliedSchema },
    run({ link }, { user, body }) {
      const { version } = rollbackBody.parse(body);
      return runCommand(link, 'policy rollback', { words: { version: String(version) } }, user);
    },
  },
  {
    method: 'post',
    path: `${BASE}/test`,
    scopes: ['read'],
    summary: 'Try requests against a policy',
    body: testBody,
    success: { status: 200, schema: resultsSchema },
    run({ link }, { user, body }) {
      const { text: given, policy } = testBody.parse(body);
      const other = policy === undefined ? {} : { 'policy-text': policy };
      return runCommand(link, 'policy test', { options: { text: given, ...other } }, user);
    },
  },
  {
    method: 'post',
    path: `${BASE}/diff`,
    scopes: ['read'],
    summary: 'How a policy differs from the one in force',
    body: diffBody,
    success: { status: 200, schema: z.looseObject({}) },
    run: ({ link }, { user, body }) =>
      runCommand(link, 'policy diff', { options: { text: diffBody.parse(body).text } }, user),
  },
  {
    method: 'get',
    path: `${BASE}/versions/{number}/diff`,
    scopes: ['read'],
    summary: 'How the policy of a version differs from the one in force',
    params: versionParameter,
    success: { status: 200, schema: z.looseObject({}) },
    run: ({ link }, { user, params }) =>
      runCommand(link, 'policy diff', { options: { version: versionParameter.parse(params).number } }, user),
  },
  {
    method: 'get',
    path: `${BASE}/schema`,
    scopes: ['read'],
    summary: 'JSON Schema of the document, for editors',
    success: { status: 200, schema: z.looseObject({}) },
    run: ({ link }, { user }) => runCommand(link, 'policy schema', {}, user),
  },
];
