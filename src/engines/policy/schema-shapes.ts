import { z } from 'zod';
import { formatBytes, parseSize } from '../../kernel/index.ts';
import { CEILINGS } from './bounds.ts';
import type { FieldTest, Range, Shape } from './shape.ts';

const TEXT_MAX = 2048;

/** The schema of a criterion's value. Its output is normalized: lists, bytes, lower case where case means nothing. */
export function schemaOf(shape: Shape): z.ZodType {
  switch (shape.kind) {
    case 'texts':
      return oneOrMany(textSchema(shape), shape.what);
    case 'choices':
      return oneOrMany(
        // Tables of choices are never empty.
        z.enum(shape.values as [string, ...string[]], {
          error: `expected one of: ${shape.values.join(', ')}`,
        }),
        'choice',
      );
    case 'flag':
      return z.boolean({ error: 'expected true or false' });
    case 'range':
      return rangeSchema(shape);
    case 'fields':
      return oneOrMany(fieldSchema, 'field');
    case 'members': {
      const members = Object.entries(shape.members).map(
        ([name, each]) => [name, schemaOf(each).optional()] as const,
      );
      return z
        .strictObject(Object.fromEntries(members), { error: named(Object.keys(shape.members)) })
        .refine((value) => Object.keys(value).length > 0, {
          error: `names nothing; expected some of: ${Object.keys(shape.members).join(', ')}`,
        });
    }
  }
}

function textSchema({ what, check, list, lower }: Shape & { kind: 'texts' }): z.ZodType<string> {
  return z
    .union([z.string(), z.int()], { error: `expected a ${what}` })
    .superRefine((value, context) => {
      const text = String(value);
      if (text.length > TEXT_MAX)
        return void context.addIssue(`must not be longer than ${TEXT_MAX} characters`);
      if (list !== undefined && /^\$[a-z0-9]/i.test(text)) return;
      const message = check(text);
      if (message !== undefined) context.addIssue(message);
    })
    .transform((value) => (lower === true ? String(value).toLowerCase() : String(value)));
}

/** A value alone stands for a list of it. */
function oneOrMany<T>(item: z.ZodType<T>, what: string): z.ZodType<readonly T[]> {
  const many = z
    .array(item, { error: `expected a ${what} or a list of them` })
    .min(1, { error: 'is an empty list, which would fit nothing; leave it out' })
    .max(CEILINGS.valuesMax, {
      error: `must not have more than ${CEILINGS.valuesMax} entries; make a named list or a feed of them`,
    });
  return z.union([many, item.transform((value) => [value])]);
}

function rangeSchema({ unit, max }: Shape & { kind: 'range' }): z.ZodType<Range> {
  const expected =
    unit === 'size' ? 'expected a size with its unit, such as 10MiB' : `expected a number from 0 to ${max}`;
  const end = z.union([z.string(), z.number()], { error: expected }).transform((value, context) => {
    const parsed = unit === 'size' ? parseSize(String(value)) : Number(value);
    if (parsed !== undefined && parsed >= 0 && parsed <= max) return parsed;
    context.addIssue(expected);
    return z.NEVER;
  });
  return z.union([
    z
      .strictObject({ min: end.optional(), max: end.optional() }, { error: 'expected min and max' })
      .superRefine((range, context) => {
        if (range.min === undefined && range.max === undefined) context.addIssue('needs min, max or both');
        if ((range.min ?? 0) > (range.max ?? Infinity)) {
          const show = unit === 'size' ? formatBytes : String;
          context.addIssue(`min ${show(range.min ?? 0)} is larger than max ${show(range.max ?? 0)}`);
        }
      }),
    end.transform((min) => ({ min })),
  ]);
}

const fieldName = z
  .string({ error: 'expected the name of a field' })
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, { error: 'is no name of a header field' })
  .transform((name) => name.toLowerCase());
const text = z
  .string({ error: 'expected a text; put it in quotes when it looks like a number' })
  .min(1, { error: 'must not be empty' })
  .max(TEXT_MAX, { error: `must not be longer than ${TEXT_MAX} characters` });

const fieldSchema: z.ZodType<FieldTest> = z
  .strictObject(
    {
      name: fieldName,
      equals: text.optional(),
      contains: text.optional(),
      matches: text.optional(),
      present: z.boolean({ error: 'expected true or false' }).optional(),
    },
    { error: 'expected a field: { name: User-Agent, contains: curl }' },
  )
  .refine((test) => Object.keys(test).length > 1, {
    error: 'needs one of: equals, contains, matches, present',
  });

function named(names: readonly string[]): string {
  return `expected a section with some of: ${names.join(', ')}`;
}
