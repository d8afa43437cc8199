import { z } from '@hono/zod-openapi';
import { MODEL_KINDS } from '../../engines/prediction/index.ts';
import { runCommand } from './control.ts';
import { listing, type ManagementRoute } from './route.ts';

const modelSchema = z
  .looseObject({
    kind: z.enum(MODEL_KINDS),
    version: z.string(),
    origin: z.enum(['shipped', 'signed']).describe('Of the release, or trained and signed by this gateway'),
    active: z.boolean(),
    bytes: z.int(),
    refused: z.string().describe('Why it cannot be used; empty: it can'),
  })
  .openapi('Model');

const evaluationSchema = z
  .looseObject({
    version: z.string(),
    measured: z.string(),
    curves: z.array(
      z.looseObject({
        split: z.string().describe('What it had not seen'),
        bad: z.int(),
        good: z.int(),
        auc: z.number(),
        at1: z.number().describe('Found when 1 % of the good ones are flagged'),
        at01: z.number().describe('The same at 0.1 %'),
      }),
    ),
    groups: z.array(z.looseObject({ group: z.string(), good: z.int(), flagged: z.int() })),
  })
  .openapi('ModelEvaluation');

const changedSchema = z
  .looseObject({ kind: z.enum(MODEL_KINDS), version: z.string() })
  .openapi('ModelInForce');
const kindParameter = z.object({ kind: z.enum(MODEL_KINDS) });
const activateBody = z.strictObject({ version: z.string().min(1).max(64) }).openapi('ModelChoice');
const optionsOf = (params: unknown) => ({ options: { kind: kindParameter.parse(params).kind } });

/** The models that judge files, URLs and domains: what the commands `model` do. They are trained on the machine. */
export const MODEL_ROUTES: readonly ManagementRoute[] = [
  listing(
    '/api/v1/models',
    'The models of the gateway, which are in force, and which are refused and why',
    'model show',
    z.array(modelSchema),
  ),
  listing(
    '/api/v1/models/files/evaluation',
    'What the model of PE files in force reached when it was made, on data that it had not seen',
    'model evaluate',
    evaluationSchema,
  ),
  {
    method: 'put',
    path: '/api/v1/models/{kind}/active',
    scopes: ['admin'],
    summary: 'Put a model into force; `shipped` is the one of the release',
    params: kindParameter,
    body: activateBody,
    success: { status: 200, schema: changedSchema },
    run({ link }, { user, params, body }) {
      const { version } = activateBody.parse(body);
      return runCommand(link, 'model activate', { words: { VERSION: version }, ...optionsOf(params) }, user);
    },
  },
  {
    method: 'post',
    path: '/api/v1/models/{kind}/rollback',
    scopes: ['admin'],
    summary: 'Put the model into force again that was before this one',
    params: kindParameter,
    success: { status: 200, schema: changedSchema },
    run: ({ link }, { user, params }) => runCommand(link, 'model rollback', optionsOf(params), user),
  },
];
