import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import { optionsOf } from './options.ts';
import { listing, type ManagementRoute } from './route.ts';
import { nameParameter } from './schemas.ts';

const when = z.enum(['health', 'feed', 'certificate', 'disk', 'bans', 'events']);
const severity = z.enum(['warn', 'error']);
const field = z.enum(['type', 'severity', 'door', 'source', 'user', 'target', 'rule', 'feed']);
const time = z.string().min(2).max(16).describe('Such as `10m`');
const text = z.string().min(1).max(500);
const channels = (of: string) => z.array(text).max(20).optional().describe(of);

const ruleSchema = z
  .looseObject({
    name: z.string(),
    origin: z.enum(['built-in', 'stored']),
    kind: when,
    severity,
    mail: z.array(z.string()),
    webhooks: z.array(z.string()),
    targets: z.array(z.string()),
    forS: z.number(),
    repeatS: z.number(),
    windowS: z.number(),
    signed: z.boolean().describe('Webhooks are signed'),
    silentUntil: z.iso.datetime().nullable(),
    note: z.string(),
  })
  .openapi('AlertRule');

const alarmSchema = z
  .looseObject({
    rule: z.string(),
    about: z.string(),
    severity,
    text: z.string(),
    since: z.iso.datetime(),
    toldAt: z.iso.datetime().nullable(),
    silent: z.boolean(),
  })
  .openapi('Alert');

const addBody = z
  .strictObject({
    name: z.string().min(1).max(64),
    when,
    part: text.optional().describe('health: parts, with * for anything'),
    state: z.enum(['degraded', 'down']).optional(),
    days: z.int().min(0).max(10_000).optional(),
    percent: z.int().min(0).max(100).optional(),
    count: z.int().min(1).max(1_000_000_000).optional(),
    window: time.optional(),
    where: z.partialRecord(field, text).optional().describe('events: only those with these values'),
    by: field.optional(),
    for: time.optional(),
    repeat: time.optional(),
    severity: severity.optional(),
    mail: channels('Addresses'),
    webhooks: channels('URLs'),
    targets: channels('Names of log targets'),
    secret: z.string().min(1).max(500).optional().describe('Write-only: webhooks are signed with it'),
    note: text.optional(),
  })
  .openapi('NewAlertRule');

const silenceBody = z
  .strictObject({ for: time.optional().describe('Default: 2h'), off: z.boolean().optional() })
  .openapi('AlertSilence');

const nothing = z.strictObject({});
const wordsOf = (params: unknown) => ({ words: { NAME: nameParameter.parse(params).name } });

/** Who is told when something is not as it should be, and what is not now. */
export const ALERT_ROUTES: readonly ManagementRoute[] = [
  listing(
    '/api/v1/alerts',
    'What is not as it should be, by the alert rules',
    'show alerts',
    z.array(alarmSchema),
  ),
  listing('/api/v1/alert-rules', 'The alert rules, built-in ones too', 'alert list', z.array(ruleSchema)),
  {
    method: 'post',
    path: '/api/v1/alert-rules',
    scopes: ['admin'],
    summary: 'Tell somebody when something is not as it should be',
    body: addBody,
    success: { status: 201, schema: ruleSchema },
    run({ link }, { user, body }) {
      const { name, where, webhooks, targets, ...rest } = addBody.parse(body);
      const pairs = Object.entries(where ?? {}).map(([key, value]) => `${key}=${value}`);
      const members = {
        ...rest,
        webhook: webhooks,
        target: targets,
        ...(pairs.length > 0 ? { where: pairs } : {}),
      };
      return runCommand(link, 'alert add', { words: { NAME: name }, options: optionsOf(members) }, user);
    },
  },
  {
    method: 'delete',
    path: '/api/v1/alert-rules/{name}',
    scopes: ['admin'],
    summary: 'Remove an alert rule; its alarms end without a word',
    params: nameParameter,
    success: { status: 204 },
    run: ({ link }, { user, params }) => runCommand(link, 'alert remove', wordsOf(params), user),
  },
  {
    method: 'post',
    path: '/api/v1/alert-rules/{name}/test',
    scopes: ['admin'],
    summary: 'Send a test over every channel of a rule, and say what came of it',
    params: nameParameter,
    body: nothing,
    success: {
      status: 200,
      schema: z.array(z.looseObject({ channel: z.string(), outcome: z.string(), reason: z.string() })),
    },
    run: ({ link }, { user, params }) => runCommand(link, 'alert test', wordsOf(params), user),
  },
  {
    method: 'post',
    path: '/api/v1/alert-rules/{name}/silence',
    scopes: ['admin'],
    summary: 'Let a rule tell nobody for a while; what it finds is still shown',
    params: nameParameter,
    body: silenceBody,
    success: { status: 200, schema: z.looseObject({ rule: z.string(), silentUntil: z.string().nullable() }) },
    run({ link }, { user, params, body }) {
      const { for: life = '2h', off = false } = silenceBody.parse(body);
      return runCommand(link, 'alert silence', { ...wordsOf(params), options: { for: life, off } }, user);
    },
  },
];
