import { z } from '@hono/zod-openapi';
import { HISTORY_SERIES } from '../../engines/events/index.ts';
import type { ControlLink } from '../../kernel/index.ts';
import type { Polled } from './live.ts';
import type { ManagementRoute } from './route.ts';

const filter = z.string().min(1).max(512).optional();
const time = z.iso.datetime({ offset: true }).optional();

const filters = {
  type: filter.describe('`decision.block`, or a prefix that ends with a dot: `decision.`'),
  severity: filter,
  door: filter,
  source: filter.describe('Address'),
  user: filter,
  target: filter,
  rule: filter,
  feed: filter,
  text: filter.describe('Somewhere in the event; slower than the others'),
};

const searchQuery = z.object({
  ...filters,
  since: time,
  until: time,
  cursor: z.string().min(1).max(256).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional().describe('Default: 50'),
});

const idParameter = z.object({
  id: z
    .string()
    .regex(/^[\d-]{1,16}\.\d{1,15}$/)
    .describe('Member id of an event'),
});

const streamQuery = z.object(filters);

const eventSchema = z
  .looseObject({
    id: z.string(),
    time: z.iso.datetime(),
    type: z.string(),
    severity: z.string(),
    door: z.string().optional(),
    source: z.string().optional(),
    user: z.string().optional(),
    target: z.string().optional(),
    reason: z.string().optional(),
    rule: z.string().optional(),
    feed: z.string().optional(),
    count: z.int(),
    details: z.looseObject({}),
  })
  .openapi('Event');

const pageSchema = z
  .object({
    items: z.array(eventSchema).describe('Newest first'),
    cursor: z.string().optional().describe('Absent: there are no older ones'),
    scannedTo: z.iso.datetime().describe('Older events have not been looked at'),
    complete: z.boolean().describe('False: the time of a page was over, go on with the cursor'),
  })
  .openapi('EventPage');

const historyQuery = z.object({
  series: z
    .string()
    .regex(
      new RegExp(
        `^(?:${HISTORY_SERIES.join('|')})(?:,(?:${HISTORY_SERIES.join('|')})){0,${HISTORY_SERIES.length - 1}}$`,
      ),
    )
    .optional()
    .describe(`With commas between, of ${HISTORY_SERIES.join(', ')}; default: all`),
  minutes: z.coerce.number().int().min(1).max(1440).optional().describe('Default: 60'),
});

const historySchema = z
  .object({
    stepS: z.number(),
    startMs: z.number(),
    series: z.record(z.string(), z.array(z.number().nullable())),
  })
  .openapi('History');

const logQuery = z.object({ level: z.enum(['debug', 'info', 'warn', 'error']).optional() });
const logLineSchema = z.looseObject({}).openapi('LogLine');

const STREAM = 'text/event-stream';
const CALL_MS = 10_000;
/** What control waits for at most; the heartbeat may be longer. */
const WAIT_MS_MAX = 20_000;
const WAIT_SPARE_MS = 5000;

/** What has happened: search, live streams, and the last day in numbers. */
export const EVENT_ROUTES: readonly ManagementRoute[] = [
  {
    method: 'get',
    path: '/api/v1/events',
    scopes: ['read'],
    summary: 'Events, newest first',
    query: searchQuery,
    success: { status: 200, schema: pageSchema },
    run({ link }, { query }) {
      const { since, until, ...rest } = searchQuery.parse(query);
      const sinceMs = since === undefined ? {} : { sinceMs: Date.parse(since) };
      const untilMs = until === undefined ? {} : { untilMs: Date.parse(until) };
      return link.call('events.search', { ...rest, ...sinceMs, ...untilMs }, CALL_MS);
    },
  },
  {
    method: 'get',
    path: '/api/v1/events/stream',
    scopes: ['read'],
    summary: 'Events as they happen, as server-sent events',
    description: 'Last-Event-ID goes on behind the last one that came.',
    query: streamQuery,
    success: { status: 200, schema: eventSchema },
    stream: STREAM,
    run({ link, config }, { query, live }) {
      const given = streamQuery.parse(query);
      const waitMs = Math.min(config.api.heartbeatMs, WAIT_MS_MAX);
      return Promise.resolve(
        live((after) =>
          tail(link, 'events.tail', { ...given, ...(after === undefined ? {} : { after }), waitMs }),
        ),
      );
    },
  },
  // Behind the stream, whose name would do as an id.
  {
    method: 'get',
    path: '/api/v1/events/{id}',
    scopes: ['read'],
    summary: 'One event',
    params: idParameter,
    success: { status: 200, schema: eventSchema },
    run: ({ link }, { params }) => link.call('events.read', idParameter.parse(params), CALL_MS),
  },
  {
    method: 'get',
    path: '/api/v1/log/stream',
    scopes: ['read'],
    summary: 'Lines of the application log as they are written, as server-sent events',
    query: logQuery,
    success: { status: 200, schema: logLineSchema },
    stream: STREAM,
    run({ link, config }, { query, live }) {
      const given = logQuery.parse(query);
      const waitMs = Math.min(config.api.heartbeatMs, WAIT_MS_MAX);
      return Promise.resolve(
        live((after) => {
          const mark = /^\d{1,15}$/.test(after ?? '') ? { after: Number(after) } : {};
          return tail(link, 'log.tail', { ...given, ...mark, waitMs });
        }),
      );
    },
  },
  {
    method: 'get',
    path: '/api/v1/history',
    scopes: ['read'],
    summary: 'The last day in numbers, a value every ten seconds; null: nothing is known of that time',
    query: historyQuery,
    success: { status: 200, schema: historySchema },
    run({ link }, { query }) {
      const { series, minutes = 60 } = historyQuery.parse(query);
      return link.call('history.read', { series: series?.split(',') ?? HISTORY_SERIES, minutes }, CALL_MS);
    },
  },
];

async function tail(
  link: ControlLink,
  method: string,
  params: { readonly waitMs: number } & Readonly<Record<string, unknown>>,
): Promise<Polled> {
  const answer = await link.call(method, params, params.waitMs + WAIT_SPARE_MS);
  // Control answers what its method declares.
  const { items, after } = answer as { readonly items: readonly unknown[]; readonly after: string | number };
  return { items, after: String(after) };
}
