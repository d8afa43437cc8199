import { z } from '@hono/zod-openapi';
import { HEALTH_CODES } from '../../kernel/index.ts';
import { FIREWALL_FORMATS } from '../../protocols/firewall/index.ts';
import { runCommand } from './control.ts';
import { listing, type ManagementRoute } from './route.ts';
import { portSchema, statusSchema } from './schemas.ts';

const stateSchema = z.enum(['ok', 'degraded', 'down']);

const healthSchema = z
  .object({
    state: stateSchema.describe('Of the worst part'),
    parts: z.array(
      z.looseObject({
        part: z.string(),
        state: stateSchema,
        code: z
          .enum(['', ...Object.keys(HEALTH_CODES)])
          .describe('Why it is not well; stable. Empty: it is well'),
        reason: z.string(),
        since: z.iso.datetime().describe('Well, or not well, since then'),
        falls: z.int().describe('How often it went bad within health.flapWindow'),
      }),
    ),
  })
  .openapi('Health');

const serviceSchema = z
  .looseObject({
    door: z.string(),
    summary: z.string(),
    ports: z.array(z.int()),
    listeners: z.array(z.string()),
    health: z.enum(['ok', 'degraded', 'down', 'stopped']),
    reason: z.string(),
  })
  .openapi('Service');

const metricSchema = z
  .looseObject({
    name: z.string(),
    type: z.string(),
    labels: z.record(z.string(), z.string()),
    value: z.number(),
    count: z.number().optional(),
  })
  .openapi('Metric');

const firewallQuery = z.object({
  format: z.enum(FIREWALL_FORMATS).optional().describe('Default: nftables'),
  direction: z.enum(['in', 'out', 'both']).optional(),
  all: z.enum(['true', 'false']).optional().describe('Every row of the port table, planned ones too'),
  relayed: z.enum(['true', 'false']).optional().describe('What the proxy doors reach for their clients'),
  machinePort: z
    .string()
    .regex(/^\d{1,5}(,\d{1,5}){0,31}$/)
    .optional()
    .describe('Other ports of the machine that stay reachable, with commas between'),
});

const logQuery = z.object({
  lines: z.coerce.number().int().min(1).max(2000).optional().describe('Default: 50'),
  access: z.enum(['true', 'false']).optional().describe('The access log instead of the application log'),
});

const metricsQuery = z.object({ prefix: z.string().max(128).optional() });
const nothing = z.strictObject({});
const roomParameter = z.object({ room: z.enum(['dns', 'ports', 'egress', 'ntp']) });
const reachBody = z.strictObject({ url: z.string().min(1).max(2048) }).openapi('Reach');
const doctorSchema = z
  .looseObject({
    ok: z.boolean(),
    checks: z.array(
      z.looseObject({
        check: z.string(),
        state: z.enum(['ok', 'warning', 'problem']),
        detail: z.string(),
        hint: z.string().describe('The command or the setting that mends it'),
      }),
    ),
  })
  .openapi('DoctorReport');
/** It waits for what does not answer. */
const DOCTOR_MS = 120_000;

/** The gateway itself: how it is, what it listens on, what it shows to clients. */
export const SYSTEM_ROUTES: readonly ManagementRoute[] = [
  listing('/api/v1/ports', 'The port table and what listens', 'show ports', z.array(portSchema)),
  listing('/api/v1/status', 'State and processes of the gateway', 'status', statusSchema),
  listing('/api/v1/health', 'How every process and door is', 'show health', healthSchema),
  listing('/api/v1/services', 'The doors and what they are for', 'show services', z.array(serviceSchema)),
  {
    method: 'get',
    path: '/api/v1/metrics',
    scopes: ['read'],
    summary: 'What the gateway has counted, of all processes together; for Prometheus there is /metrics',
    query: metricsQuery,
    success: { status: 200, schema: z.array(metricSchema) },
    run({ link }, { user, query }) {
      const { prefix } = metricsQuery.parse(query);
      return runCommand(link, 'show metrics', { words: { prefix } }, user);
    },
  },
  {
    method: 'get',
    path: '/api/v1/log',
    scopes: ['read'],
    summary: 'The newest lines of the application log, or of the access log, oldest first',
    query: logQuery,
    success: { status: 200, schema: z.array(z.unknown()) },
    run({ link }, { user, query }) {
      const { lines = 50, access } = logQuery.parse(query);
      return runCommand(
        link,
        'show log',
        { options: { lines: String(lines), access: access === 'true' } },
        user,
      );
    },
  },
  {
    method: 'get',
    path: '/api/v1/firewall',
    scopes: ['read'],
    summary: 'Firewall rules made from the port table and the configuration',
    query: firewallQuery,
    success: { status: 200, schema: z.looseObject({ format: z.string(), text: z.string() }) },
    run({ link }, { user, query }) {
      const {
        format = 'nftables',
        direction = 'both',
        all,
        relayed,
        machinePort,
      } = firewallQuery.parse(query);
      const options = {
        format,
        direction,
        all: all === 'true',
        relayed: relayed === 'true',
        ...(machinePort === undefined ? {} : { 'machine-port': machinePort.split(',') }),
      };
      return runCommand(link, 'firewall export', { options }, user);
    },
  },
  {
    method: 'get',
    path: '/api/v1/doctor',
    scopes: ['read'],
    summary: 'What keeps the gateway from working, and what mends it',
    success: { status: 200, schema: doctorSchema },
    run: ({ link }, { user }) => runCommand(link, 'doctor', { timeoutMs: DOCTOR_MS }, user),
  },
  {
    method: 'get',
    path: '/api/v1/doctor/{room}',
    scopes: ['read'],
    summary: 'One part of what the doctor looks at',
    params: roomParameter,
    success: { status: 200, schema: doctorSchema },
    run: ({ link }, { user, params }) =>
      runCommand(link, `verify ${roomParameter.parse(params).room}`, { timeoutMs: DOCTOR_MS }, user),
  },
  {
    method: 'post',
    path: '/api/v1/doctor/url',
    scopes: ['admin'],
    summary: 'Reach one URL the way a feed would: guard, names, parents, TLS',
    body: reachBody,
    success: { status: 200, schema: doctorSchema },
    run: ({ link }, { user, body }) =>
      runCommand(
        link,
        'verify curl',
        { words: { url: reachBody.parse(body).url }, timeoutMs: DOCTOR_MS },
        user,
      ),
  },
  {
    method: 'post',
    path: '/api/v1/reload',
    scopes: ['admin'],
    summary: 'Read sallyport.yaml again; connections that are open go on',
    body: nothing,
    success: { status: 200, schema: z.looseObject({}) },
    run: ({ link }, { user }) => runCommand(link, 'reload', {}, user),
  },
];
