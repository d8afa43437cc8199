import {
  type Clock,
  type Command,
  defineCommand,
  type Input,
  parseDuration,
  textOption,
} from '../../kernel/index.ts';
import { eventErrors } from './errors.ts';
import type { EventItem } from './event.ts';
import { readSearch } from './read-query.ts';
import type { EventStore } from './store.io.ts';

interface Engines {
  readonly clock: Clock;
  readonly events: EventStore;
}

const OPTIONS = {
  type: { help: 'decision.block, or all of a kind with a dot at the end: decision.', value: 'TYPE' },
  severity: { help: 'This one and worse', value: 'LEVEL', choices: ['info', 'warn', 'error'] },
  door: { help: 'Name of a door', value: 'DOOR' },
  source: { help: 'Address of the client', value: 'IP' },
  user: { help: 'Who asked', value: 'NAME' },
  target: { help: 'A URL or a host', value: 'TARGET' },
  rule: { help: 'The rule that decided', value: 'RULE' },
  feed: { help: 'The list that matched', value: 'FEED' },
  text: { help: 'A part of any field', value: 'TEXT' },
  since: { help: 'A time, or how long ago: 15m, 2h, 7d', value: 'WHEN' },
  until: { help: 'A time, or how long ago', value: 'WHEN' },
  cursor: { help: 'Go on behind this event', value: 'ID' },
  limit: { help: 'How many, at most 500', value: 'N', default: '50' },
} as const;

export const eventCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'show events',
    summary: 'Search what was decided and what happened, newest first',
    positionals: [],
    options: OPTIONS,
    role: 'read',
    where: 'running',
    examples: ['show events --type decision.block --since 1h', 'show events --user alice --text invoice'],
    async run({ events, clock }, input) {
      const page = await events.search(searchIn(input, clock.now()));
      const more =
        page.cursor === undefined
          ? []
          : [
              {
                kind: 'text' as const,
                text: `older ones: --cursor ${page.cursor} (looked at back to ${page.scannedTo})`,
              },
            ];
      return {
        document: page,
        view: [
          {
            kind: 'table',
            columns: ['time', 'type', 'source', 'user', 'target', 'rule', 'reason'].map((title) => ({
              title,
            })),
            rows: page.items.map(rowShown),
          },
          ...more,
        ],
      };
    },
  }),
];

function rowShown(item: EventItem) {
  const { time, type, severity, source = '', user = '', target = '', rule = '', reason = '', count } = item;
  const tone = severity === 'error' ? 'bad' : severity === 'warn' || type.endsWith('.block') ? 'warn' : 'dim';
  const name = count > 1 ? `${type} ×${count}` : type;
  return [
    time.slice(0, 19).replace('T', ' '),
    { text: name, tone } as const,
    source,
    user,
    target.slice(0, 80),
    rule,
    reason,
  ];
}

function searchIn(input: Input, nowMs: number) {
  const given: Record<string, unknown> = {};
  for (const name of [
    'type',
    'severity',
    'door',
    'source',
    'user',
    'target',
    'rule',
    'feed',
    'text',
    'cursor',
  ]) {
    const value = textOption(input, name);
    if (value !== undefined) given[name] = value;
  }
  for (const name of ['since', 'until']) {
    const value = textOption(input, name);
    if (value !== undefined) given[`${name}Ms`] = timeOf(name, value, nowMs);
  }
  given['limit'] = Number(textOption(input, 'limit') ?? 50);
  return readSearch(given);
}

/** `2026-11-24T10:00Z`, or a duration that is counted back from now. */
export function timeOf(field: string, text: string, nowMs: number): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return nowMs - ago;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw eventErrors.EVENTS_QUERY({ field, reason: `"${text}" is no time and no duration such as 2h` });
}
