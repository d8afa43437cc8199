import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import { optionsOf } from './options.ts';
import { listing, type ManagementRoute } from './route.ts';
import { nameParameter } from './schemas.ts';

const severity = z.enum(['info', 'warn', 'error']);
const format = z.enum(['cef', 'leef', 'json']);
const path = z.string().min(1).max(1024).describe('A file on the gateway, PEM');

const targetSchema = z
  .looseObject({
    name: z.string(),
    url: z.string(),
    format,
    types: z.array(z.string()),
    severity,
    enabled: z.boolean(),
  })
  .openapi('LogTarget');

const statusSchema = targetSchema
  .extend({
    state: z.enum(['ok', 'failing', 'disabled']),
    reason: z.string(),
    sent: z.int(),
    waitingBytes: z.int(),
    droppedBytes: z.int(),
  })
  .loose()
  .openapi('LogTargetStatus');

const addBody = z
  .strictObject({
    name: z.string().min(1).max(63),
    url: z
      .string()
      .min(1)
      .max(2048)
      .describe('syslog+tls://HOST:PORT, syslog+tcp://…, syslog+udp://…, https://HOST/v1/logs, file:///PATH'),
    format: format.optional(),
    framing: z.enum(['octets', 'line']).optional().describe('Of syslog over TCP and TLS'),
    types: z
      .array(z.string().min(1).max(64))
      .max(100)
      .optional()
      .describe('`decision.block`, or `decision.` for all of a kind; without: all but allows'),
    severity: severity.optional().describe('This one and worse'),
    facility: z.int().min(0).max(23).optional(),
    caFile: path.optional(),
    certificateFile: path.optional(),
    keyFile: path.optional(),
  })
  .openapi('NewLogTarget');

const nothing = z.strictObject({});
const wordsOf = (params: unknown) => ({ words: { NAME: nameParameter.parse(params).name } });

/** Where events go. */
export const LOG_TARGET_ROUTES: readonly ManagementRoute[] = [
  listing(
    '/api/v1/log-targets',
    'Where events go, and how that works',
    'log target list',
    z.array(statusSchema),
  ),
  {
    method: 'post',
    path: '/api/v1/log-targets',
    scopes: ['admin'],
    summary: 'Send events to a syslog server, an OpenTelemetry collector or a file',
    body: addBody,
    success: { status: 201, schema: targetSchema },
    run({ link }, { user, body }) {
      const { name, types, ...rest } = addBody.parse(body);
      const options = optionsOf({ ...rest, type: types });
      return runCommand(link, 'log target add', { words: { NAME: name }, options }, user);
    },
  },
  {
    method: 'delete',
    path: '/api/v1/log-targets/{name}',
    scopes: ['admin'],
    summary: 'Send no more events to a target; what waits for it is gone',
    params: nameParameter,
    success: { status: 204 },
    run: ({ link }, { user, params }) => runCommand(link, 'log target remove', wordsOf(params), user),
  },
  {
    method: 'post',
    path: '/api/v1/log-targets/{name}/test',
    scopes: ['admin'],
    summary: 'Send one message to a target now',
    params: nameParameter,
    body: nothing,
    success: { status: 200, schema: z.looseObject({ sent: z.string() }) },
    run: ({ link }, { user, params }) => runCommand(link, 'log target test', wordsOf(params), user),
  },
];
