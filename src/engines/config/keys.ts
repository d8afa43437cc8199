import { isIP } from 'node:net';
import {
  isHostName,
  parseDestinationPattern,
  parseDuration,
  parseNetwork,
  parseSize,
} from '../../kernel/index.ts';
import { z } from 'zod';

/** What the reference says of one key; kept in the schema's metadata. */
export interface KeyInfo {
  readonly type: string;
  readonly default: string;
  readonly description: string;
  /** False: a change needs `stop` and `start`; `reload` keeps the old value. */
  readonly live: boolean;
}

interface About {
  readonly about: string;
  readonly live?: boolean;
}

type Range = readonly [min: string, max: string];

const DURATION = {
  type: 'duration',
  expected: 'expected a length of time with its unit, such as 10s or 5m',
  parse: parseDuration,
};
const SIZE = {
  type: 'size',
  expected: 'expected an amount with its unit, such as 64KiB or 10MiB',
  parse: parseSize,
};

/** A length of time: `250ms`, `10s`, `5m`, `2h`, `1d`. Becomes milliseconds. */
export function duration(value: string, range: Range, key: About) {
  return scalar(DURATION, value, range, key);
}

/** An amount of bytes: `512B`, `64KiB`, `10MiB`, `1GiB`. Becomes bytes. */
export function size(value: string, range: Range, key: About) {
  return scalar(SIZE, value, range, key);
}

function scalar({ type, expected, parse }: typeof DURATION, value: string, [min, max]: Range, key: About) {
  const low = parse(min) ?? 0;
  const high = parse(max) ?? Number.MAX_SAFE_INTEGER;
  return z
    .string({ error: expected })
    .transform((text, context) => {
      const result = parse(text);
      if (result === undefined) problem(context, text, expected);
      else if (result < low || result > high) problem(context, text, `must be from ${min} to ${max}`);
      else return result;
      return z.NEVER;
    })
    .prefault(value)
    .meta(info(`${type}, ${min} to ${max}`, value, key));
}

export function integer(
  value: number | undefined,
  [min, max]: readonly [number, number],
  key: About & { readonly shown?: string },
) {
  const schema = z.int({ error: `expected a whole number from ${min} to ${max}` }).min(min, {
    error: `must be from ${min} to ${max}`,
  });
  return schema
    .max(max, { error: `must be from ${min} to ${max}` })
    .optional()
    .transform((given) => given ?? value)
    .meta(info(`number, ${min} to ${max}`, key.shown ?? String(value), key));
}

/** A number that always has a value. */
export function count(value: number, range: readonly [number, number], key: About) {
  return integer(value, range, key)
    .transform((given) => given ?? value)
    .meta(info(`number, ${range[0]} to ${range[1]}`, String(value), key));
}

export function flag(value: boolean, key: About) {
  return z
    .boolean({ error: 'expected true or false' })
    .prefault(value)
    .meta(info('true or false', String(value), key));
}

export function choice<const T extends readonly [string, ...string[]]>(
  values: T,
  value: T[number],
  key: About,
) {
  return (
    z
      .enum(values, { error: `expected one of: ${values.join(', ')}` })
      .optional()
      // The default is one of the values by its type.
      .transform((given): T[number] => given ?? value)
      .meta(info(values.join(' | '), value, key))
  );
}

/** One line of text without control characters. */
export function line(
  value: string,
  key: About & { readonly max?: number; readonly pattern?: RegExp; readonly rule?: string },
) {
  const max = key.max ?? 200;
  const pattern = key.pattern ?? /^\P{Cc}*$/u;
  return z
    .string({ error: 'expected a text; put it in quotes when it looks like a number' })
    .max(max, { error: `must not be longer than ${max} characters` })
    .regex(pattern, { error: key.rule ?? 'must be one line without control characters' })
    .prefault(value)
    .meta(info('text', value === '' ? '(empty)' : value, key));
}

/** A text that may be absent: a path, a name. */
export function optionalText(type: string, key: About & { readonly shown?: string; readonly check?: Check }) {
  const check =
    key.check ?? ((text: string) => (text === '' || text.includes('\0') ? 'must not be empty' : undefined));
  return z
    .string({ error: `expected ${type}` })
    .superRefine((text, context) => {
      const message = check(text);
      if (message !== undefined) problem(context, text, message);
    })
    .optional()
    .meta(info(type, key.shown ?? '(none)', key));
}

/** Says what is wrong with a text; `undefined`: nothing. */
export type Check = (text: string) => string | undefined;

export function texts(value: readonly string[], type: string, check: Check, key: About) {
  const item = z.string({ error: `expected ${type}` }).superRefine((text, context) => {
    const message = check(text);
    if (message !== undefined) problem(context, text, message);
  });
  return z
    .array(item, { error: `expected a list, such as [${value[0] ?? '…'}]` })
    .max(LIST_MAX, { error: `must not have more than ${LIST_MAX} entries` })
    .prefault([...value])
    .meta(info(`list of ${type}`, shown(value), key));
}

export function ports(value: readonly number[], key: About) {
  const item = z
    .int({ error: 'expected a port from 1 to 65535' })
    .min(1, { error: 'expected a port from 1 to 65535' });
  return z
    .array(item.max(65_535, { error: 'expected a port from 1 to 65535' }), {
      error: 'expected a list of ports, such as [443, 8443]',
    })
    .max(LIST_MAX, { error: `must not have more than ${LIST_MAX} entries` })
    .prefault([...value])
    .meta(info('list of ports', shown(value), key));
}

/** Bounds of lists in the file: far over any list a person writes; larger ones belong into a feed. */
const LIST_MAX = 10_000;

export const CHECKS = {
  network: (text) =>
    parseNetwork(text) === undefined
      ? 'is no network; write an address or CIDR, such as 10.0.0.0/8 or fd00::/8'
      : undefined,
  address: (text) => (isIP(text) === 0 ? 'is no IP address' : undefined),
  destination: (text) =>
    parseDestinationPattern(text) === undefined
      ? 'is no destination; write *.example.com, www.example.com, 10.0.0.0/8 or [2001:db8::1], each with an optional :port or :from-to'
      : undefined,
  hostPattern: (text) =>
    parseDestinationPattern(text)?.ports !== undefined || parseDestinationPattern(text) === undefined
      ? 'is no host; write *.example.com, www.example.com or an address, without a port'
      : undefined,
  /** An IP address with an optional port, IPv6 with a port in brackets. */
  resolver: (text) => {
    const pattern = parseDestinationPattern(text);
    const single =
      pattern?.network?.prefix === (pattern?.network?.family === 4 ? 32 : 128) && !text.includes('/');
    const onePort = pattern?.ports === undefined || pattern.ports.from === pattern.ports.to;
    return single && onePort
      ? undefined
      : 'is no DNS server; write 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53';
  },
  /** A name or address of one machine, without a port. */
  host: (text) => (isHostName(text) || isIP(text) !== 0 ? undefined : 'is no host name and no IP address'),
  hostPort: (text) => {
    const pattern = parseDestinationPattern(text);
    const one = pattern !== undefined && pattern.kind !== 'suffix' && !text.includes('/');
    const port = pattern?.ports;
    return one && port !== undefined && port.from === port.to
      ? undefined
      : 'expected host:port, such as proxy.example.com:8080';
  },
} satisfies Readonly<Record<string, Check>>;

function info(type: string, value: string, key: About): { readonly info: KeyInfo } {
  return { info: { type, default: value, description: key.about, live: key.live ?? true } };
}

function shown(values: readonly (string | number)[]): string {
  return `[${values.join(', ')}]`;
}

function problem(context: z.core.$RefinementCtx, input: unknown, message: string): void {
  context.issues.push({ code: 'custom', message, input });
}
