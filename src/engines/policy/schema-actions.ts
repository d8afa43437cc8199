import { z } from 'zod';
import { parseDuration } from '../../kernel/index.ts';
import { DECIDING_NAMES } from './actions/index.ts';
import type { Actions } from './document.ts';

const flag = z.literal(true, { error: 'expected true; leave it out otherwise' });

const line = (max: number) =>
  z
    .string({ error: 'expected a text' })
    .min(1, { error: 'must not be empty' })
    .max(max, { error: `must not be longer than ${max} characters` })
    .regex(/^[^\p{Cc}]*$/u, { error: 'must be one line' });

function page(statuses: readonly [number, number]) {
  const [from, to] = statuses;
  return z.union(
    [
      z
        .strictObject(
          {
            status: z
              .int({ error: `expected a status from ${from} to ${to}` })
              .min(from, { error: `must be from ${from} to ${to}` })
              .max(to, { error: `must be from ${from} to ${to}` })
              .optional(),
            title: line(120).optional(),
            text: line(1000).optional(),
          },
          { error: 'expected true, or what the page says: status, title, text' },
        )
        .transform(({ status, title, text }) => ({ status, title, text })),
      flag.transform(() => ({ status: undefined, title: undefined, text: undefined })),
    ],
    { error: 'expected true, or what the page says: status, title, text' },
  );
}

const profile = z
  .string({ error: 'expected the name of a scan profile' })
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: 'is no name of a scan profile' });

/** RFC 9110 §7.6.1 and §7.2: what frames a message, belongs to one hop or says who is meant. */
const UNTOUCHABLE: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);
const FIELDS_MAX = 32;

const fieldName = z
  .string({ error: 'expected the name of a field' })
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, { error: 'is no name of a header field' })
  .refine((name) => !UNTOUCHABLE.has(name.toLowerCase()), {
    error: 'frames the message or belongs to one hop and cannot be changed',
  });
const fieldValue = z
  .string({ error: 'expected a text; put it in quotes when it looks like a number' })
  .max(4096, { error: 'must not be longer than 4096 characters' })
  .regex(/^[!-~](?:[ -~]*[!-~])?$/, { error: 'must be printable ASCII without blanks at its ends' });

const fieldEdit = z
  .strictObject({
    set: z.record(fieldName, fieldValue, { error: 'expected fields with their values' }).prefault({}),
    remove: z.array(fieldName, { error: 'expected a list of field names' }).max(FIELDS_MAX).prefault([]),
  })
  .refine(({ set }) => Object.keys(set).length <= FIELDS_MAX, {
    error: `must not set more than ${FIELDS_MAX} fields`,
  });

const rate = z
  .strictObject(
    {
      requests: z
        .int({ error: 'expected a whole number from 1 to 1000000' })
        .min(1, { error: 'must be from 1 to 1000000' })
        .max(1_000_000, { error: 'must be from 1 to 1000000' }),
      per: z
        .string({ error: 'expected a length of time such as 1s or 1m' })
        .transform((text, context) => {
          const ms = parseDuration(text);
          if (ms !== undefined && ms >= 100 && ms <= 86_400_000) return ms;
          context.addIssue('expected a length of time from 100ms to 1d');
          return z.NEVER;
        })
        .prefault('1s'),
      burst: z
        .int({ error: 'expected a whole number from 1 to 1000000' })
        .min(1, { error: 'must be from 1 to 1000000' })
        .max(1_000_000, { error: 'must be from 1 to 1000000' })
        .optional(),
      by: z.enum(['source', 'user'], { error: 'expected one of: source, user' }).prefault('source'),
    },
    { error: 'expected a rate: { requests: 20, per: 1s }' },
  )
  .transform(({ requests, per, burst, by }) => ({ requests, perMs: per, burst, by }));

const SCHEMAS = {
  allow: flag,
  block: page([400, 599]),
  warn: page([400, 499]),
  monitor: flag,
  scan: profile,
  headers: z
    .strictObject(
      { request: fieldEdit.prefault({}), response: fieldEdit.prefault({}) },
      { error: 'expected request, response or both, each with set and remove' },
    )
    .refine(
      ({ request, response }) =>
        [request, response].some(({ set, remove }) => Object.keys(set).length + remove.length > 0),
      { error: 'changes nothing' },
    ),
  rate,
  log: z.enum(['none', 'normal', 'full'], { error: 'expected one of: none, normal, full' }),
  quarantine: flag,
} satisfies Readonly<Record<keyof Actions, z.ZodType>>;

/** `then: block` stands for `then: { block: true }`. */
export const actionsSchema = z
  .union(
    [
      z.strictObject(
        {
          allow: SCHEMAS.allow.optional(),
          block: SCHEMAS.block.optional(),
          warn: SCHEMAS.warn.optional(),
          monitor: SCHEMAS.monitor.optional(),
          scan: SCHEMAS.scan.optional(),
          headers: SCHEMAS.headers.optional(),
          rate: SCHEMAS.rate.optional(),
          log: SCHEMAS.log.optional(),
          quarantine: SCHEMAS.quarantine.optional(),
        },
        { error: `expected one of ${DECIDING_NAMES.join(', ')}, monitor, or a section of actions` },
      ),
      z
        .enum([...DECIDING_NAMES, 'monitor'], {
          error: `expected one of ${DECIDING_NAMES.join(', ')}, monitor, or a section of actions`,
        })
        .transform((name) => ({
          [name]:
            name === 'block' || name === 'warn'
              ? { status: undefined, title: undefined, text: undefined }
              : true,
        })),
    ],
    { error: `expected one of ${DECIDING_NAMES.join(', ')}, monitor, or a section of actions` },
  )
  .superRefine((actions, context) => {
    const names = Object.keys(actions);
    if (names.length === 0) context.addIssue('does nothing; a rule needs at least one action');
    const deciding = names.filter((name) => DECIDING_NAMES.some((each) => each === name));
    if (deciding.length > 1) context.addIssue(`decides twice: ${deciding.join(' and ')}; keep one of them`);
  });
