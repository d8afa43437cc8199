import { z } from '@hono/zod-openapi';
import { TLPS } from '../../kernel/index.ts';
import { EXPORT_FORMATS } from '../../protocols/exports/index.ts';
import { runCommand } from './control.ts';
import { feedUrlPath } from './feeds-out/index.ts';
import type { ManagementRoute } from './route.ts';
import { listSchema, nameParameter } from './schemas.ts';

const text = z.string().min(1).max(500);
const name = z.string().min(1).max(64);

const exportBody = z
  .strictObject({
    name,
    feeds: z.array(text).max(1000).optional().describe('Only these; `local` is one'),
    kinds: z.array(z.enum(['domain', 'host', 'url', 'address', 'network', 'hash', 'email'])).optional(),
    categories: z.array(text).max(1000).optional(),
    severity: z.enum(['low', 'medium', 'high', 'critical']).optional().describe('At least'),
    confidence: z.int().min(0).max(100).optional().describe('At least'),
    action: z.enum(['block', 'allow', 'label', 'any']).optional(),
    maxAge: z.string().max(16).optional().describe('Such as `30d`'),
    addedAfter: z.iso.datetime().optional(),
    tlp: z
      .enum(TLPS.filter((tlp) => tlp !== 'red'))
      .optional()
      .describe('No more secret than this'),
    limit: z.int().min(1).optional(),
    split: z.int().min(1).optional().describe('Lines of one part'),
    public: z.boolean().optional().describe('Without a token, up to TLP:GREEN'),
    note: text.optional(),
  })
  .openapi('NewExport');

const collectionBody = z
  .strictObject({ name, title: text.optional(), description: text.optional() })
  .openapi('NewCollection');

const exportSchema = z
  .looseObject({
    name: z.string(),
    formats: z.array(z.object({ format: z.string(), about: z.string(), path: z.string() })),
    taxii: z.string().describe('Path of its TAXII collection'),
  })
  .openapi('Export');

const documentSchema = z.looseObject({ name: z.string() });

/** Exports and collections as resources: what the commands `export` and `collection` do. */
export const EXPORT_ROUTES: readonly ManagementRoute[] = [
  {
    method: 'get',
    path: '/api/v1/exports',
    scopes: ['read'],
    summary: 'The lists that go out',
    success: { status: 200, schema: listSchema },
    run: ({ link }, { user }) => runCommand(link, 'export list', {}, user),
  },
  {
    method: 'post',
    path: '/api/v1/exports',
    scopes: ['admin'],
    summary: 'Add a list that goes out',
    body: exportBody,
    success: { status: 201, schema: documentSchema },
    run({ link }, { user, body }) {
      const { name: added, ...rest } = exportBody.parse(body);
      return runCommand(link, 'export add', { words: { NAME: added }, options: optionsOf(rest) }, user);
    },
  },
  {
    method: 'get',
    path: '/api/v1/exports/{name}',
    scopes: ['read'],
    summary: 'An export, where it is in each format, and what was written and left out there',
    params: nameParameter,
    success: { status: 200, schema: exportSchema },
    async run({ link }, { user, params }) {
      const { name: asked } = nameParameter.parse(params);
      const shown = await runCommand(link, 'export show', wordsOf(params), user);
      const formats = EXPORT_FORMATS.map(({ name: format, about }) => ({
        format,
        about,
        path: feedUrlPath(asked, format),
      }));
      const taxii = `/taxii2/root/collections/${asked}/objects/`;
      return { ...(typeof shown === 'object' ? shown : {}), formats, taxii };
    },
  },
  {
    method: 'delete',
    path: '/api/v1/exports/{name}',
    scopes: ['admin'],
    summary: 'Remove an export',
    params: nameParameter,
    success: { status: 204 },
    run: ({ link }, { user, params }) => runCommand(link, 'export remove', wordsOf(params), user),
  },
  {
    method: 'get',
    path: '/api/v1/collections',
    scopes: ['read'],
    summary: 'The TAXII collections that clients write to',
    success: { status: 200, schema: listSchema },
    run: ({ link }, { user }) => runCommand(link, 'collection list', {}, user),
  },
  {
    method: 'post',
    path: '/api/v1/collections',
    scopes: ['admin'],
    summary: 'Add a TAXII collection that clients write to',
    body: collectionBody,
    success: { status: 201, schema: documentSchema },
    run({ link }, { user, body }) {
      const { name: added, ...rest } = collectionBody.parse(body);
      return runCommand(link, 'collection add', { words: { NAME: added }, options: optionsOf(rest) }, user);
    },
  },
  {
    method: 'delete',
    path: '/api/v1/collections/{name}',
    scopes: ['admin'],
    summary: 'Remove a TAXII collection with all that was written to it',
    params: nameParameter,
    success: { status: 204 },
    run: ({ link }, { user, params }) => runCommand(link, 'collection remove', wordsOf(params), user),
  },
];

function wordsOf(params: unknown): { readonly words: { readonly NAME: string } } {
  return { words: { NAME: nameParameter.parse(params).name } };
}

/** Members of the body whose option has another name. */
const OPTION: Readonly<Record<string, string>> = {
  feeds: 'feed',
  kinds: 'kind',
  categories: 'category',
  maxAge: 'max-age',
  addedAfter: 'added-after',
};

/** The body as the options of the command. */
function optionsOf(body: object): Record<string, string | boolean | readonly string[]> {
  const options: Record<string, string | boolean | readonly string[]> = {};
  for (const [key, value] of Object.entries(body) as [string, unknown][]) {
    if (value === undefined) continue;
    const option = OPTION[key] ?? key;
    if (Array.isArray(value)) options[option] = value.map(String);
    // The schemas above have nothing else in them.
    else options[option] = typeof value === 'boolean' ? value : `${value as string | number}`;
  }
  return options;
}
