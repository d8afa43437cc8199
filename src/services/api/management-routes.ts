import { z } from '@hono/zod-openapi';
import { type DoorName, PORT_TABLE } from '../../kernel/index.ts';
import { ACCOUNT_ROUTES } from './account-routes.ts';
import { ALERT_ROUTES } from './alert-routes.ts';
import { APPLIANCE_ROUTES } from './appliance-routes.ts';
import { AUTHENTICATOR_ROUTES } from './authenticator-routes.ts';
import { CERTIFICATE_ROUTES } from './certificate-routes.ts';
import { CONFIG_ROUTES } from './config-routes.ts';
import { DOWNLOAD_ROUTES } from './download-routes.ts';
import { EVENT_ROUTES } from './event-routes.ts';
import { EXPORT_ROUTES } from './export-routes.ts';
import { FEED_ROUTES } from './feed-routes.ts';
import { INDICATOR_ROUTES } from './indicator-routes.ts';
import { LOG_TARGET_ROUTES } from './log-target-routes.ts';
import { MODEL_ROUTES } from './model-routes.ts';
import { POLICY_ROUTES } from './policy-routes.ts';
import { QUARANTINE_ROUTES } from './quarantine-routes.ts';
import { listing, type ManagementRoute } from './route.ts';
import { explanationSchema, listSchema } from './schemas.ts';
import { REVOCATION_ROUTES } from './revocation-routes.ts';
import { SESSION_ROUTES } from './session-routes.ts';
import { SYSTEM_ROUTES } from './system-routes.ts';

const DOORS = [...new Set(PORT_TABLE.map((row) => row.door))] satisfies readonly DoorName[];

const explainQuery = z.object({
  url: z.string().min(1).max(8192),
  user: z.string().min(1).max(256).optional(),
  source: z.string().min(1).max(64).optional().describe('Address of the client'),
  door: z.enum(DOORS).optional(),
});

/** The management API, one row an operation. */
export const MANAGEMENT_ROUTES: readonly ManagementRoute[] = [
  ...SESSION_ROUTES,
  {
    method: 'get',
    path: '/api/v1/explain',
    scopes: ['read'],
    summary: 'What would be decided about a URL, and every rule that was tried',
    query: explainQuery,
    success: { status: 200, schema: explanationSchema },
    async run(engines, { query }) {
      const { url, user, source, door } = explainQuery.parse(query);
      return engines.explain({
        url,
        ...(user === undefined ? {} : { user }),
        ...(source === undefined ? {} : { source }),
        ...(door === undefined ? {} : { door }),
      });
    },
  },
  ...SYSTEM_ROUTES,
  ...CERTIFICATE_ROUTES,
  ...DOWNLOAD_ROUTES,
  ...CONFIG_ROUTES,
  ...EVENT_ROUTES,
  ...LOG_TARGET_ROUTES,
  ...ALERT_ROUTES,
  ...ACCOUNT_ROUTES,
  ...AUTHENTICATOR_ROUTES,
  ...REVOCATION_ROUTES,
  listing('/api/v1/feeds', 'The feeds with their counts and age', 'show feeds', listSchema),
  ...FEED_ROUTES,
  ...INDICATOR_ROUTES,
  ...MODEL_ROUTES,
  ...POLICY_ROUTES,
  ...EXPORT_ROUTES,
  ...QUARANTINE_ROUTES,
  ...APPLIANCE_ROUTES,
];
