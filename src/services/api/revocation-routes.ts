import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import { listing, type ManagementRoute } from './route.ts';

const revocationSchema = z
  .looseObject({
    mark: z
      .string()
      .describe(
        '`SHA256:…` of a key or an authority; `SHA256:…/serial:42` or `SHA256:…/id:alice` of a certificate of that authority, without it of all',
      ),
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
    authority: what
      .optional()
      .describe(
        'Of a serial or key id: `SHA256:…` of the authority, or `all`; needed where there are several',
      ),
  })
  .openapi('NewSshRevocation');
const krlBody = z
  .strictObject({
    krl: z.string().min(1).max(360_000).describe('The file that `ssh-keygen -k` has written, in base64'),
    reason: z.string().max(200).optional(),
  })
  .openapi('NewSshKrl');
const krlSchema = z
  .looseObject({ version: z.string(), comment: z.string(), added: z.array(z.string()), known: z.int() })
  .openapi('SshKrlImport');
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
      const { mark, reason = '', authority } = addBody.parse(body);
      const options = { reason, ...(authority === undefined ? {} : { authority }) };
      return runCommand(link, 'ssh revocation add', { rest: [mark], options }, user);
    },
  },
  {
    method: 'post',
    path: '/api/v1/ssh/revocations/krl',
    scopes: ['admin'],
    summary: 'Add what a revocation list of OpenSSH names, and end its sessions',
    body: krlBody,
    success: { status: 200, schema: krlSchema },
    run({ link }, { user, body }) {
      const { krl, reason } = krlBody.parse(body);
      const options = { krl, ...(reason === undefined ? {} : { reason }) };
      return runCommand(link, 'ssh revocation import', { options }, user);
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
