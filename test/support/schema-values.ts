import * as fc from 'fast-check';

/** The parts of a JSON Schema that the API's documents use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** Finds what a `$ref` names. */
export type Resolve = (ref: string) => Schema;

/** Texts that have broken programs: of paths, shells, markup, SQL, encodings, numbers, prototypes. */
const HOSTILE_TEXTS = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '/dev/zero',
  '%00',
  '%2e%2e%2f',
  '\0',
  'a\r\nSet-Cookie: x=y',
  "'; drop table users; --",
  '"; cat /etc/passwd; "',
  '$(id)',
  '--help',
  '-1',
  '1e309',
  '99999999999999999999',
  'NaN',
  '__proto__',
  'constructor',
  'toString',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '\u202Egnp.exe',
  '\uD800',
  '\uFFFF',
  'ﬃ',
  '💥'.repeat(50),
  'a'.repeat(10_000),
  'http://[::1',
  'http://169.254.169.254/latest/',
  '2001:db8::/129',
  '(a+)+$',
  '&a [*a, *a]',
  '!!js/function x',
];

let deep: unknown = 'x';
for (let level = 0; level < 500; level++) deep = [deep];

/** Values of every kind, whatever was asked for. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    Number.MAX_SAFE_INTEGER,
    1e308,
    [],
    {},
    deep,
    JSON.parse('{"__proto__": {"admin": true}, "constructor": 1}'),
    Array.from({ length: 2000 }, () => 'x'),
  ),
  hostileText(),
  fc.jsonValue({ maxDepth: 3 }),
);

export function hostileText(): fc.Arbitrary<string> {
  return fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 64 }));
}

/** Values that the schema allows, as far as it says what it allows. */
export function valuesOf(schema: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valuesOf(resolve(schema.$ref), resolve);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => valuesOf(each, resolve)));
  if (schema.allOf !== undefined) {
    const { allOf, ...own } = schema;
    return fc
      .tuple(...[...allOf, own].map((each) => valuesOf(each, resolve)))
      .map((parts) => Object.assign({}, ...parts) as unknown);
  }
  if (typeof schema.type === 'object') {
    return fc.oneof(...schema.type.map((type) => valuesOf({ ...schema, type }, resolve)));
  }
  switch (schema.type) {
    case 'string':
      return textsOf(schema);
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1000, 1_000_000) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, resolve), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(
        ([name, each]) => [name, valuesOf(each, resolve)] as const,
      );
      return fc.record(Object.fromEntries(members), { requiredKeys: [...(schema.required ?? [])] });
    }
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function textsOf({ pattern, format, minLength = 0, maxLength = 100 }: Schema): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern), { maxLength: 60 });
  if (format === 'date-time') return fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z');
  if (format === 'uuid') return fc.uuid();
  return fc.string({
    unit: fc.constantFrom(...'abcdefgh019.-_'.split('')),
    minLength: Math.max(minLength, 1),
    maxLength: Math.min(maxLength, Math.max(minLength, 24)),
  });
}

/** Mostly what the schema allows, with hostile values in some places, missing and unknown members. */
export function mixedOf(schema: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  const whole = schema.$ref === undefined ? schema : resolve(schema.$ref);
  const valid = valuesOf(whole, resolve);
  if (whole.properties === undefined)
    return fc.oneof({ arbitrary: valid, weight: 3 }, { arbitrary: hostile, weight: 1 });
  const names = Object.keys(whole.properties);
  const spoiled = fc
    .tuple(
      valid,
      fc.subarray(names, { maxLength: Math.min(2, names.length) }),
      fc.infiniteStream(hostile),
      fc.boolean(),
    )
    .map(([value, places, values, more]) => {
      const stream = values[Symbol.iterator]();
      const changed = Object.fromEntries(places.map((name) => [name, stream.next().value]));
      return { ...(value as object), ...changed, ...(more ? { unknown: 1 } : {}) };
    });
  return fc.oneof(
    { arbitrary: valid, weight: 3 },
    { arbitrary: spoiled, weight: 4 },
    { arbitrary: hostile, weight: 1 },
  );
}
