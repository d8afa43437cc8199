import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import { listing, type ManagementRoute } from './route.ts';

const revocationSchema = z
  .looseObject({
    mark: z
      .string()
      .describe('`SHA256:…` of a key or an authority, `serial:42` or `id:alice` of a certificate'),
    reason: z.string(),
    revokedAt: z.string(),
    revokedBy: z.string(),
  })
  .openapi('SshRevocation');

const what = z.string().min(1).max(16_384);
const addBody = z
  .strictObject({
    mark: what.describe('A mark, or the line of a public key'),
    reason: z.string().max(200).optional(),
  })
  .openapi('NewSshRevocation');
const markQuery = z.object({ mark: what });

/** SSH keys and certificates that sign nobody in any more. */
export const REVOCATION_ROUTES: readonly ManagementRoute[] = [
  listing(
    '/api/v1/ssh/revocations',
    'Keys and certificates that no longer sign in over SSH',
    'ssh revocation list',
    z.array(revocationSchema),
  ),
  {
    method: 'post',
    path: '/api/v1/ssh/revocations',
    scopes: ['admin'],
    summary: 'Let a key or a certificate sign in over SSH no more, and end its sessions',
    body: addBody,
    success: { status: 201, schema: revocationSchema },
    run({ link }, { user, body }) {
      const { mark, reason = '' } = addBody.parse(body);
      return runCommand(link, 'ssh revocation add', { rest: [mark], options: { reason } }, user);
    },
  },
  {
    method: 'delete',
    path: '/api/v1/ssh/revocations',
    scopes: ['admin'],
    summary: 'Take a revoked key or certificate again',
    query: markQuery,
    success: { status: 204 },
    run: ({ link }, { user, query }) =>
      runCommand(link, 'ssh revocation remove', { rest: [markQuery.parse(query).mark] }, user),
  },
];
