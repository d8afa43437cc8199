import { type RouteConfig, z } from '@hono/zod-openapi';
import { EXPORT_FORMATS, EXPORT_GROUPS } from '../../protocols/exports/index.ts';
import { TAXII_MEDIA_TYPE } from '../../protocols/taxii/index.ts';
import { problems, SECURITY } from './documentation.ts';

/** Lists that go out and the TAXII server, for the documentation. */

const WHO = 'Public exports: anonymous, up to TLP:GREEN. Others: scope intel.';
const FORMATS = EXPORT_FORMATS.map(({ name }) => name).filter((name) => name !== 'misp');
const file = { description: 'The list', content: { 'text/plain': { schema: z.string() } } };

const FEEDS: readonly RouteConfig[] = [
  {
    method: 'get',
    path: '/feeds',
    summary: 'The lists that go out: JSON, or HTML for people',
    description: WHO,
    security: SECURITY,
    responses: {
      200: {
        description: 'The lists',
        content: { 'application/json': { schema: z.array(z.looseObject({ name: z.string() })) } },
      },
      ...problems(401, 403),
    },
  },
  {
    method: 'get',
    path: '/feeds/{name}.{format}',
    summary: 'A list in the form of a product; ETag, gzip, pages',
    description: WHO,
    security: SECURITY,
    request: {
      params: z.object({ name: z.string(), format: z.enum(FORMATS) }),
      query: z.object({
        kind: z.enum(Object.keys(EXPORT_GROUPS)).optional(),
        limit: z.int().optional().describe('Lines, in formats of one entry a line'),
        offset: z.int().optional(),
        part: z.int().optional().describe('A part of as many lines as the product takes'),
      }),
    },
    responses: { 200: file, 304: { description: 'Not changed' }, ...problems(400, 401, 403, 404, 503) },
  },
  {
    method: 'get',
    path: '/feeds/{name}/misp/{file}',
    summary: 'A MISP feed: manifest.json, hashes.csv and an event for each UUID',
    description: WHO,
    security: SECURITY,
    request: { params: z.object({ name: z.string(), file: z.string() }) },
    responses: { 200: file, 304: { description: 'Not changed' }, ...problems(401, 403, 404, 503) },
  },
];

const resource = { [TAXII_MEDIA_TYPE]: { schema: z.looseObject({}) } };
const collection = z.object({ id: z.string().describe('Id or alias of the collection') });
const object = z.object({ id: z.string(), object: z.string().describe('Id of the object') });

/** Path below `/taxii2/`, summary, parameters. */
const READ: readonly (readonly [string, string, z.ZodObject?])[] = [
  ['', 'TAXII 2.1: discovery'],
  ['root/', 'TAXII 2.1: the API root'],
  ['root/collections/', 'TAXII 2.1: the collections, one for each export'],
  ['root/collections/{id}/', 'TAXII 2.1: a collection', collection],
  ['root/collections/{id}/manifest/', 'TAXII 2.1: what a collection holds and since when', collection],
  ['root/collections/{id}/objects/', 'TAXII 2.1: objects of a collection, in pages', collection],
  ['root/collections/{id}/objects/{object}/', 'TAXII 2.1: an object', object],
  ['root/collections/{id}/objects/{object}/versions/', 'TAXII 2.1: versions of an object', object],
  ['root/status/{status}/', 'TAXII 2.1: what became of a write', z.object({ status: z.string() })],
];

const TAXII: readonly RouteConfig[] = [
  ...READ.map(([path, summary, params]): RouteConfig => ({
    method: 'get',
    path: `/taxii2/${path}`,
    summary,
    description: 'Scope: intel',
    security: SECURITY,
    request: params === undefined ? {} : { params },
    responses: { 200: { description: 'The resource', content: resource } },
  })),
  {
    method: 'post',
    path: '/taxii2/root/collections/{id}/objects/',
    summary: 'TAXII 2.1: add objects to a collection that may be written to',
    description: 'Scope: intel-write',
    security: SECURITY,
    request: { params: collection, body: { required: true, content: resource } },
    responses: { 202: { description: 'A status, to be asked for again', content: resource } },
  },
  {
    method: 'delete',
    path: '/taxii2/root/collections/{id}/objects/{object}/',
    summary: 'TAXII 2.1: delete an object',
    description: 'Scope: intel-write',
    security: SECURITY,
    request: { params: object },
    responses: { 200: { description: 'Deleted' } },
  },
];

export const EXPORT_DOCUMENTATION: readonly RouteConfig[] = [...FEEDS, ...TAXII];
