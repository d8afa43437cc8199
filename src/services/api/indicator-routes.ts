import { z } from '@hono/zod-openapi';
import { TLPS } from '../../kernel/index.ts';
import { LIST_FORMATS } from '../../protocols/lists/index.ts';
import { runCommand } from './control.ts';
import { optionsOf } from './options.ts';
import type { ManagementRoute } from './route.ts';
import { nameParameter } from './schemas.ts';

const kind = z.enum(['host', 'domain', 'url', 'address', 'network', 'hash', 'email']);
const severity = z.enum(['low', 'medium', 'high', 'critical']);
const category = z.string().min(1).max(128);
const life = z.string().min(2).max(16).describe('Such as `30d`');
const value = z
  .string()
  .min(1)
  .max(8192)
  .describe('Domain, =host, URL, address, network, hash of a file or mail address');

const localSchema = z
  .looseObject({
    kind,
    value: z.string(),
    action: z.enum(['block', 'allow']),
    category: z.string(),
    severity,
    expiresAt: z.string().optional(),
    note: z.string().optional(),
  })
  .openapi('LocalEntry');

const countsSchema = z
  .looseObject({
    generation: z.string(),
    counts: z.array(z.looseObject({ feed: z.string(), action: z.string(), entries: z.int() })),
    local: z.array(z.looseObject({})),
  })
  .openapi('IndicatorCounts');

const entriesSchema = z
  .looseObject({
    entries: z.array(z.looseObject({ feed: z.string(), kind, value: z.string(), action: z.string() })),
    hasMore: z.boolean(),
  })
  .openapi('IndicatorEntries');

const entriesQuery = z.object({
  kind: kind.optional(),
  category: category.optional(),
  limit: z.coerce.number().int().min(1).max(10_000).optional().describe('Default: 100'),
});

const addBody = z
  .strictObject({
    value,
    action: z.enum(['block', 'allow']),
    category: category.optional(),
    severity: severity.optional().describe('Of what is blocked; default: high'),
    expires: life.optional(),
    note: z.string().min(1).max(500).optional(),
  })
  .openapi('NewLocalEntry');

const removeQuery = z.object({ value });

const importBody = z
  .strictObject({
    text: z.string().min(1).max(8_388_608).describe('The list; larger ones are for `feed import` or a feed'),
    format: z
      .enum(['auto', ...LIST_FORMATS])
      .optional()
      .describe('Default: told from the content'),
    mode: z.enum(['replace', 'merge']).optional(),
    action: z.enum(['block', 'allow', 'label', 'suppress']).optional(),
    category: category.optional(),
    severity: severity.optional(),
    confidence: z.int().min(0).max(100).optional(),
    tlp: z.enum(TLPS).optional(),
    expires: life.optional(),
    licence: z.string().min(1).max(500).optional(),
    priority: z.int().min(0).max(999_999).optional(),
    map: z.array(z.string().min(1).max(200)).max(32).optional().describe('CSV columns: `FIELD=COLUMN`'),
    shrinkMax: z.int().min(0).max(100).optional(),
    force: z.boolean().optional(),
  })
  .openapi('FeedImport');

const reportSchema = z
  .looseObject({ feed: z.string(), format: z.string(), entries: z.int(), rejected: z.int() })
  .openapi('ImportReport');

const ruleSetSchema = z
  .looseObject({
    name: z.string(),
    files: z.int(),
    rules: z.int(),
    bytes: z.int(),
    version: z.string(),
  })
  .openapi('RuleSet');

const rulesBody = z
  .strictObject({
    name: z.string().min(1).max(64),
    text: z.string().min(1).max(4_194_304).describe('YARA rules; one mistake refuses the set whole'),
  })
  .openapi('NewRuleSet');

/** What is known: the local lists, the entries of feeds, lists that are handed in, and the rules of the scanner. */
export const INDICATOR_ROUTES: readonly ManagementRoute[] = [
  {
    method: 'get',
    path: '/api/v1/indicators',
    scopes: ['read'],
    summary: 'Counts by feed and kind, and the local lists',
    success: { status: 200, schema: countsSchema },
    run: ({ link }, { user }) => runCommand(link, 'show indicators', {}, user),
  },
  {
    method: 'get',
    path: '/api/v1/indicators/local',
    scopes: ['read'],
    summary: 'The entries of the local lists',
    query: entriesQuery,
    success: { status: 200, schema: entriesSchema },
    run: ({ link }, { user, query }) =>
      runCommand(link, 'show indicators', shown('local', entriesQuery.parse(query)), user),
  },
  {
    method: 'post',
    path: '/api/v1/indicators/local',
    scopes: ['admin'],
    summary: 'Block or allow a value, whatever feeds say; one that is there is replaced',
    body: addBody,
    success: { status: 201, schema: localSchema },
    run({ link }, { user, body }) {
      const { value: given, action, severity: level, ...rest } = addBody.parse(body);
      const members = action === 'block' ? { ...rest, severity: level ?? 'high' } : rest;
      const input = { words: { VALUE: given }, options: optionsOf(members) };
      return runCommand(link, `indicator ${action}`, input, user);
    },
  },
  {
    method: 'delete',
    path: '/api/v1/indicators/local',
    scopes: ['admin'],
    summary: 'Remove a value from the local lists',
    query: removeQuery,
    success: { status: 204 },
    run: ({ link }, { user, query }) =>
      runCommand(link, 'indicator remove', { words: { VALUE: removeQuery.parse(query).value } }, user),
  },
  {
    method: 'get',
    path: '/api/v1/feeds/{name}/entries',
    scopes: ['read'],
    summary: 'Entries of a feed',
    params: nameParameter,
    query: entriesQuery,
    success: { status: 200, schema: entriesSchema },
    run({ link }, { user, params, query }) {
      const { name } = nameParameter.parse(params);
      return runCommand(link, 'show indicators', shown(name, entriesQuery.parse(query)), user);
    },
  },
  {
    method: 'post',
    path: '/api/v1/feeds/{name}/import',
    scopes: ['admin'],
    summary: 'Import a list into a feed',
    params: nameParameter,
    body: importBody,
    success: { status: 200, schema: reportSchema },
    run({ link }, { user, params, body }) {
      const { text, ...rest } = importBody.parse(body);
      const { name: feed } = nameParameter.parse(params);
      const options = { format: 'auto', ...optionsOf(rest), feed };
      return runCommand(link, 'feed import', { file: { word: 'FILE', name: 'list', text }, options }, user);
    },
  },
  {
    method: 'get',
    path: '/api/v1/scan-rules',
    scopes: ['read'],
    summary: 'The sets of YARA rules that files are matched with',
    success: { status: 200, schema: z.looseObject({ sets: z.array(ruleSetSchema), version: z.string() }) },
    run: ({ link }, { user }) => runCommand(link, 'scan rules list', {}, user),
  },
  {
    method: 'post',
    path: '/api/v1/scan-rules',
    scopes: ['admin'],
    summary: 'Take a set of YARA rules, or replace the set of that name',
    body: rulesBody,
    success: { status: 201, schema: ruleSetSchema },
    run({ link }, { user, body }) {
      const { name, text } = rulesBody.parse(body);
      const file = { word: 'FILE', name: 'rules.yar', text };
      return runCommand(link, 'scan rules add', { file, options: { name } }, user);
    },
  },
  {
    method: 'delete',
    path: '/api/v1/scan-rules/{name}',
    scopes: ['admin'],
    summary: 'Remove a set of YARA rules',
    params: nameParameter,
    success: { status: 204 },
    run: ({ link }, { user, params }) =>
      runCommand(link, 'scan rules remove', { words: { NAME: nameParameter.parse(params).name } }, user),
  },
];

function shown(feed: string, query: z.output<typeof entriesQuery>) {
  return { words: { FEED: feed }, options: optionsOf(query) };
}
