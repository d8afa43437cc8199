import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import { listing, type ManagementRoute } from './route.ts';

const certificateSchema = z
  .looseObject({
    name: z.string(),
    origin: z.enum(['gateway', 'operator', 'imported']).describe('operator: of tls.certificateFile'),
    subject: z.string(),
    issuer: z.string(),
    notBefore: z.iso.datetime(),
    notAfter: z.iso.datetime(),
    daysLeft: z.int(),
    names: z.array(z.string()),
    fingerprint: z.string().describe('SHA-256'),
  })
  .openapi('Certificate');

const findingSchema = z
  .looseObject({ check: z.string(), state: z.enum(['ok', 'warn', 'bad']), text: z.string() })
  .openapi('CertificateFinding');

const shownSchema = z
  .looseObject({ certificates: z.array(certificateSchema), findings: z.array(findingSchema) })
  .openapi('CertificatesShown');
const pem = z
  .string()
  .min(1)
  .max(256 * 1024);
const pair = {
  certificate: pem.describe('PEM: the certificate first, then those of its authorities'),
  key: pem.describe('PEM, without passphrase'),
};
const pairBody = z.strictObject(pair).openapi('CertificateAndKey');
const authorityBody = z
  .strictObject({
    ...pair,
    replace: z.literal(true).describe('The authority before is given up; clients must trust this one'),
  })
  .openapi('AuthorityAndKey');

/** What the gateway shows to clients, and what it signs with. */
export const CERTIFICATE_ROUTES: readonly ManagementRoute[] = [
  listing(
    '/api/v1/certificates',
    'The authority and the server certificate',
    'show certificates',
    z.array(certificateSchema),
  ),
  listing(
    '/api/v1/certificates/findings',
    'What a client would complain about, and what ends soon',
    'verify certificates',
    z.array(findingSchema),
  ),
  {
    method: 'put',
    path: '/api/v1/certificates/server',
    scopes: ['admin'],
    summary: 'Show a certificate of your own to clients, at once and without a restart',
    body: pairBody,
    success: { status: 200, schema: shownSchema },
    run({ link }, { user, body }) {
      const { certificate, key } = pairBody.parse(body);
      return runCommand(link, 'certificate import', { options: { pem: `${certificate}\n${key}` } }, user);
    },
  },
  {
    method: 'delete',
    path: '/api/v1/certificates/server',
    scopes: ['admin'],
    summary: 'Show a certificate of the authority again, instead of the one that was imported',
    success: { status: 204 },
    run: ({ link }, { user }) => runCommand(link, 'certificate remove', {}, user),
  },
  {
    method: 'put',
    path: '/api/v1/certificates/authority',
    scopes: ['admin'],
    summary: 'Sign with an authority of your own from now on',
    body: authorityBody,
    success: { status: 200, schema: shownSchema },
    run({ link }, { user, body }) {
      const { certificate, key, replace } = authorityBody.parse(body);
      const options = { pem: `${certificate}\n${key}`, replace };
      return runCommand(link, 'certificate authority import', { options }, user);
    },
  },
];
