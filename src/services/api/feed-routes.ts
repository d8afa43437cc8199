import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import { optionName, optionsOf } from './options.ts';
import { type Entity, entityOf } from './entity.ts';
import type { ManagementRoute } from './route.ts';
import { nameParameter } from './schemas.ts';

const text = z.string().min(1).max(2000);
const time = z.string().min(2).max(16).describe('Such as `15m` or `1d`');
const secret = z.string().min(1).max(8192).describe('Write-only: no answer shows it');
const percent = z.int().min(0).max(100);

/** Members as in the section `feeds` of `config export`; control checks what they mean. */
const fields = {
  type: z.enum(['list', 'taxii', 'misp', 'ut1', 'yara', 'safe-browsing']),
  format: text,
  map: z.array(text),
  action: z.enum(['block', 'allow', 'label', 'suppress']),
  category: text,
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  confidence: percent,
  priority: z.int().min(0).max(999_999),
  licence: text,
  tlp: text,
  every: time,
  staleAfter: time,
  expiresAfter: time,
  shrinkMax: percent,
  auth: z.enum(['none', 'basic', 'bearer', 'header', 'url']),
  user: text,
  header: text,
  certificateFile: text,
  keyFile: text,
  caFile: text,
  parent: text,
  parentUser: text,
  checksumUrl: text,
  signatureUrl: text,
  publicKeyFile: text,
  allowPlainHttp: z.boolean(),
  collection: text,
  label: z.array(text),
  allAttributes: z.boolean(),
  only: z.array(text),
  api: z.enum(['v5', 'v4']),
  encoding: z.enum(['proto', 'json']),
  lookupTimeout: time,
  perMinute: z.int().min(0).max(1_000_000),
  perDay: z.int().min(0).max(9_999_999),
} as const;

const secrets = { secret: secret.optional(), parentSecret: secret.optional() } as const;

const addBody = z
  .strictObject({
    name: z.string().min(1).max(64),
    url: text,
    ...z.object(fields).partial().shape,
    ...secrets,
  })
  .openapi('FeedSubscription');

const editBody = z
  .strictObject({
    ...z.object({ url: text, ...fields }).partial().shape,
    enabled: z.boolean().optional(),
    unset: z
      .array(z.string())
      .optional()
      .describe('Members that go back to their default, as options: `stale-after`'),
    ...secrets,
  })
  .openapi('FeedChange');

const syncBody = z.strictObject({ force: z.boolean().optional() }).openapi('FeedSync');

const feedSchema = z
  .looseObject({
    name: z.string(),
    type: z.string(),
    url: z.string(),
    state: z.enum(['ok', 'failed', 'stale', 'disabled']),
    reason: z.string(),
    running: z.boolean(),
    successAt: z.string().nullable(),
    nextAt: z.string().nullable(),
    failures: z.int(),
    entries: z.int().nullable(),
  })
  .openapi('Feed');

/** Subscribed feeds. `GET /api/v1/feeds` lists what is stored, whether it is subscribed or was imported. */
export const FEED_ROUTES: readonly ManagementRoute[] = [
  {
    method: 'get',
    path: '/api/v1/feed-subscriptions',
    scopes: ['read'],
    summary: 'The subscribed feeds, when they were fetched and what went wrong',
    success: { status: 200, schema: z.array(feedSchema) },
    run: ({ link }, { user }) => runCommand(link, 'feed show', {}, user),
  },
  {
    method: 'post',
    path: '/api/v1/feeds',
    scopes: ['admin'],
    summary: 'Subscribe to a feed; it is fetched at once',
    body: addBody,
    success: { status: 201, schema: feedSchema },
    run({ link }, { user, body }) {
      const { name, ...rest } = addBody.parse(body);
      return runCommand(link, 'feed add', { words: { NAME: name }, options: optionsOf(rest) }, user);
    },
  },
  {
    method: 'get',
    path: '/api/v1/feeds/{name}',
    entity: feedEntity,
    scopes: ['read'],
    summary: 'One subscribed feed',
    params: nameParameter,
    success: { status: 200, schema: feedSchema },
    run: ({ link }, { user, params }) => runCommand(link, 'feed show', named(params), user),
  },
  {
    method: 'patch',
    path: '/api/v1/feeds/{name}',
    entity: feedEntity,
    scopes: ['admin'],
    summary: 'Change a subscription; what is not named stays',
    params: nameParameter,
    body: editBody,
    success: { status: 200, schema: feedSchema },
    async run({ link }, { user, params, body }) {
      const { enabled, unset = [], ...given } = editBody.parse(body);
      // A flag of a command can be given, and taken back.
      const off = Object.entries(given).filter(([, value]) => value === false);
      const taken = [...unset, ...off.map(([name]) => optionName(name))];
      const rest = { ...given, ...(taken.length === 0 ? {} : { unset: taken }) };
      const where = named(params);
      const change = { ...where, options: optionsOf(rest) };
      const isChange = Object.keys(rest).length > 0;
      const { match: _, ...later } = user;
      const edited = isChange ? await runCommand(link, 'feed edit', change, user) : undefined;
      // The condition is of the whole request: it is judged at its first step.
      const by = isChange ? later : user;
      if (enabled === undefined) return edited ?? runCommand(link, 'feed show', where, by);
      return runCommand(link, enabled ? 'feed enable' : 'feed disable', where, by);
    },
  },
  {
    method: 'delete',
    path: '/api/v1/feeds/{name}',
    entity: feedEntity,
    scopes: ['admin'],
    summary: 'End a subscription and remove what it brought',
    params: nameParameter,
    success: { status: 204 },
    async run({ link }, { user, params }) {
      await runCommand(link, 'feed remove', named(params), user);
    },
  },
  {
    method: 'post',
    path: '/api/v1/feeds/{name}/sync',
    scopes: ['admin'],
    summary: 'Fetch a feed now; how it ends is in its state',
    params: nameParameter,
    body: syncBody,
    success: { status: 202, schema: z.object({ started: z.array(z.string()) }) },
    run({ link }, { user, params, body }) {
      const { force = false } = syncBody.parse(body);
      const options = { background: true, force };
      return runCommand(link, 'feed sync', { ...named(params), options }, user);
    },
  },
];

/** What was configured; not how the last fetch went. */
function feedEntity(params: unknown): Entity {
  const volatile = ['state', 'reason', 'running', 'successAt', 'nextAt', 'failures', 'entries', 'triedAt'];
  return entityOf('feed show', { NAME: nameParameter.parse(params).name }, volatile);
}

function named(params: unknown) {
  return { words: { NAME: nameParameter.parse(params).name } };
}
