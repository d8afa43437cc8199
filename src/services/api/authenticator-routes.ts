import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import { listing, type ManagementRoute } from './route.ts';
import { nameParameter } from './schemas.ts';

const keySchema = z
  .looseObject({
    user: z.string(),
    type: z.string(),
    fingerprint: z.string(),
    comment: z.string(),
    addedAt: z.iso.datetime(),
  })
  .openapi('SshKey');

const totpSchema = z
  .looseObject({
    user: z.string(),
    state: z.enum(['waits-for-code', 'enabled', 'disabled']),
    secret: z.string().optional().describe('Base32; for the authenticator'),
    uri: z.string().optional().describe('The same for a QR code'),
  })
  .openapi('SecondFactor');

const keyBody = z
  .strictObject({
    key: z.string().min(1).max(16_384).describe('The line of a file such as ~/.ssh/id_ed25519.pub'),
  })
  .openapi('NewSshKey');
const keyQuery = z.object({ key: z.string().min(1).max(256).describe('Fingerprint or comment') });
const codeBody = z.strictObject({ code: z.string().min(1).max(32) }).openapi('FirstCode');
const nothing = z.strictObject({});

const nameOf = (params: unknown): string => nameParameter.parse(params).name;

/** What accounts have besides their password. */
export const AUTHENTICATOR_ROUTES: readonly ManagementRoute[] = [
  listing(
    '/api/v1/host-keys',
    'The SSH host keys, as clients ask about them at their first visit',
    'show host-keys',
    z.array(z.looseObject({ type: z.string(), fingerprint: z.string() })),
  ),
  {
    method: 'get',
    path: '/api/v1/users/{name}/keys',
    scopes: ['read'],
    summary: 'The public keys that sign a user in over SSH',
    params: nameParameter,
    success: { status: 200, schema: z.array(keySchema) },
    run: ({ link }, { user, params }) =>
      runCommand(link, 'user key list', { words: { user: nameOf(params) } }, user),
  },
  {
    method: 'post',
    path: '/api/v1/users/{name}/keys',
    scopes: ['admin'],
    summary: 'Let a public key sign a user in over SSH',
    params: nameParameter,
    body: keyBody,
    success: { status: 201, schema: z.looseObject({ added: z.string(), user: z.string() }) },
    run: ({ link }, { user, params, body }) =>
      runCommand(
        link,
        'user key add',
        { words: { user: nameOf(params) }, rest: keyBody.parse(body).key.trim().split(/\s+/) },
        user,
      ),
  },
  {
    method: 'delete',
    path: '/api/v1/users/{name}/keys',
    scopes: ['admin'],
    summary: 'Remove a public key of a user',
    params: nameParameter,
    query: keyQuery,
    success: { status: 204 },
    run: ({ link }, { user, params, query }) =>
      runCommand(
        link,
        'user key remove',
        { words: { user: nameOf(params), key: keyQuery.parse(query).key } },
        user,
      ),
  },
  {
    method: 'post',
    path: '/api/v1/users/{name}/totp',
    scopes: ['admin'],
    summary: 'Make the secret of a second factor; it is in force after its first code',
    params: nameParameter,
    body: nothing,
    success: { status: 200, schema: totpSchema },
    run: ({ link }, { user, params }) =>
      runCommand(link, 'user totp enable', { words: { user: nameOf(params) } }, user),
  },
  {
    method: 'put',
    path: '/api/v1/users/{name}/totp',
    scopes: ['admin'],
    summary: 'Take a second factor into use with its first code',
    params: nameParameter,
    body: codeBody,
    success: { status: 200, schema: totpSchema },
    run({ link }, { user, params, body }) {
      const input = { words: { user: nameOf(params) }, options: codeBody.parse(body) };
      return runCommand(link, 'user totp enable', input, user);
    },
  },
  {
    method: 'delete',
    path: '/api/v1/users/{name}/totp',
    scopes: ['admin'],
    summary: 'Take the second factor of a user away',
    params: nameParameter,
    success: { status: 204 },
    run: ({ link }, { user, params }) =>
      runCommand(link, 'user totp disable', { words: { user: nameOf(params) } }, user),
  },
];
