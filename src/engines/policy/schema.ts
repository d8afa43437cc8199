import { z } from 'zod';
import { CEILINGS } from './bounds.ts';
import { CRITERIA } from './criteria/index.ts';
import { lineProblem } from './criteria/texts.ts';
import { type Condition, LIST_KINDS, type ListKind, type NamedList, type TimeSpan } from './document.ts';
import { hostProblem } from './hosts.ts';
import { daysOf, isZone, minuteOf } from './schedule.ts';
import { actionsSchema } from './schema-actions.ts';
import { schemaOf } from './schema-shapes.ts';
import type { Check } from './shape.ts';
import { urlProblem } from './urls.ts';
import { parseNetwork } from '../../kernel/index.ts';

const NESTED_MAX = 64;

/** Names of rules, lists and schedules. */
export const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const NAME_RULE = 'must be 1 to 63 of a-z, 0-9 and -';

const condition: z.ZodType<Condition> = z.lazy(() =>
  z.strictObject(
    {
      ...Object.fromEntries(CRITERIA.map(({ name, shape }) => [name, schemaOf(shape).optional()])),
      not: z
        .union([z.array(condition).min(1).max(NESTED_MAX), condition.transform((one) => [one])])
        .optional(),
      any: z
        .array(condition, { error: 'expected a list of conditions' })
        .min(1, { error: 'is an empty list, which would fit nothing; leave it out' })
        .max(NESTED_MAX, { error: `must not have more than ${NESTED_MAX} conditions` })
        .optional(),
    },
    { error: 'expected criteria, such as host: "*.example.com"' },
  ),
);

const CHECKS: Readonly<Record<ListKind, Check>> = {
  hosts: hostProblem,
  urls: urlProblem,
  networks: (text) =>
    parseNetwork(text) === undefined ? 'is no network; write an address or CIDR' : undefined,
  users: lineProblem,
};

export const listSchema = z
  .strictObject(
    Object.fromEntries(LIST_KINDS.map((kind) => [kind, entries(kind).optional()])) as Record<
      ListKind,
      z.ZodOptional<ReturnType<typeof entries>>
    >,
    {
      error: `expected a list, such as { hosts: [a.example, "*.b.example"] }; kinds are ${LIST_KINDS.join(', ')}`,
    },
  )
  .transform((value, context): NamedList => {
    const [first, second] = LIST_KINDS.filter((kind) => value[kind] !== undefined);
    if (first === undefined || second !== undefined) {
      context.addIssue(`needs exactly one of: ${LIST_KINDS.join(', ')}`);
      return z.NEVER;
    }
    return { kind: first, entries: value[first] ?? [] };
  });

function entries(kind: ListKind) {
  return z
    .array(
      z
        .string({ error: 'expected a text' })
        .superRefine((text, context) => {
          const message = CHECKS[kind](text);
          if (message !== undefined) context.addIssue(message);
        })
        .transform((text) => (kind === 'users' ? text.toLowerCase() : text)),
      { error: `expected a list of ${kind}` },
    )
    .max(CEILINGS.listEntriesMax, {
      error: `must not have more than ${CEILINGS.listEntriesMax} entries; make a feed of them`,
    });
}

const minute = (end: boolean) =>
  z.string({ error: 'expected a time of the day, such as "08:00"' }).transform((text, context) => {
    const value = minuteOf(text);
    if (value !== undefined && (end || value < 1440)) return value;
    context.addIssue('expected a time of the day from "00:00" to "24:00"');
    return z.NEVER;
  });

const span = z
  .strictObject(
    {
      zone: z
        .string({ error: 'needs a time zone, such as Europe/Berlin' })
        .refine(isZone, { error: 'is no time zone of IANA, such as Europe/Berlin or UTC' }),
      days: z
        .array(
          z.string().superRefine((text, context) => {
            if (daysOf(text) === undefined) context.addIssue('is no day; write mon, tue, … sun, or mon-fri');
          }),
          { error: 'expected a list of days, such as [mon-fri]' },
        )
        .min(1, { error: 'is an empty list of days' })
        .prefault(['mon-sun'])
        .transform((texts) => [...new Set(texts.flatMap((text) => daysOf(text) ?? []))]),
      from: minute(false).prefault('00:00'),
      to: minute(true).prefault('24:00'),
    },
    { error: 'expected { zone: Europe/Berlin, days: [mon-fri], from: "08:00", to: "18:00" }' },
  )
  .transform(({ zone, days, from, to }): TimeSpan => ({ zone, days, fromMinute: from, toMinute: to }));

export const scheduleSchema = z.union([z.array(span).min(1).max(NESTED_MAX), span.transform((one) => [one])]);

export const ruleSchema = z.strictObject(
  {
    name: z.string({ error: 'a rule needs a name' }).regex(NAME, { error: NAME_RULE }),
    note: z
      .string({ error: 'expected a text' })
      .max(500)
      .regex(/^[^\p{Cc}]*$/u, { error: 'must be one line' })
      .prefault(''),
    enabled: z.boolean({ error: 'expected true or false' }).prefault(true),
    when: condition.prefault({}),
    // oxlint-disable-next-line unicorn/no-thenable -- the word of the document; never a function
    then: actionsSchema,
  },
  { error: 'expected a rule with name, when and then' },
);

/** Named things: a record whose keys are names. */
function names<T extends z.ZodType>(item: T, what: string) {
  return z
    .record(z.string().regex(NAME, { error: `the name of a ${what} ${NAME_RULE}` }), item, {
      error: `expected ${what}s by name`,
    })
    .prefault({});
}

export const policySchema = z.strictObject(
  {
    version: z.literal(1, { error: 'expected version: 1' }),
    lists: names(listSchema, 'list'),
    schedules: names(scheduleSchema, 'schedule'),
    rules: z
      .array(ruleSchema, { error: 'expected a list of rules' })
      .max(CEILINGS.rulesMax, { error: `must not have more than ${CEILINGS.rulesMax} rules` })
      .prefault([]),
    default: z.enum(['allow', 'block'], {
      error: 'the policy needs a last rule: default: allow, or default: block',
    }),
  },
  { error: 'expected a policy with version, rules and default' },
);

/** JSON Schema of the document: editors complete keys with it. */
export function policyJsonSchema(): unknown {
  return z.toJSONSchema(policySchema, { io: 'input', unrepresentable: 'any' });
}
