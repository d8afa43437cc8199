import { type Command, defineCommand, type Input, type Result, textOption } from '../../kernel/index.ts';
import type { IndicatorAdmin } from './admin.ts';
import { choiceOption, durationOption, numberOption } from './command-options.ts';
import { feedCommands } from './feed-commands.ts';
import { actionCell } from './feed-views.ts';
import { type IndicatorKind, KINDS, noKinds, SEVERITIES } from './keys.ts';
import { firstOf } from './listing.io.ts';
import { LOCAL_FEED } from './manifest.ts';
import type { IndicatorReader, LocalEntry, StoredEntry } from './types.ts';

export interface IndicatorEngines {
  readonly indicators: IndicatorAdmin;
  readonly reader: IndicatorReader;
}

type View = NonNullable<Result['view']>[number];

const ACTIONS = ['block', 'allow'] as const;
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 100_000;

const showIndicators = defineCommand<IndicatorEngines>({
  words: 'show indicators',
  summary: 'Show counts by feed and kind and the local lists, or the entries of a feed',
  positionals: [{ name: 'FEED', help: 'Whose entries to show; local for your own lists', optional: true }],
  options: {
    kind: { help: 'Only entries of this kind', value: 'KIND', choices: KINDS },
    category: { help: 'Only entries of this category', value: 'CATEGORY' },
    limit: { help: 'Entries that are shown at most', value: 'NUMBER', default: String(LIMIT_DEFAULT) },
  },
  role: 'read',
  where: 'either',
  examples: ['show indicators', 'show indicators local', 'show indicators partner --kind url --limit 20'],
  run: async ({ indicators, reader }, input) => {
    const feed = input.words['FEED'];
    const kind = choiceOption(input, 'kind', KINDS);
    const category = textOption(input, 'category');
    const limit = numberOption(input, 'limit', [1, LIMIT_MAX]) ?? LIMIT_DEFAULT;
    if (feed === undefined && kind === undefined && category === undefined) return countsResult(indicators);
    const feeds = feed === undefined ? [LOCAL_FEED, ...reader.feeds.map(({ name }) => name)] : [feed];
    return entriesResult(reader, feeds, { kind, category, limit });
  },
});

const indicatorRemove = defineCommand<IndicatorEngines>({
  words: 'indicator remove',
  summary: 'Remove a value from the local lists',
  positionals: [{ name: 'VALUE', help: 'As it was added' }],
  options: {},
  role: 'admin',
  where: 'either',
  run: async ({ indicators }, input, io) => {
    const entry = await indicators.removeLocal(input.words['VALUE'] ?? '', io.actor);
    return {
      document: { removed: entry },
      view: [
        {
          kind: 'text',
          text: `${entry.kind} ${entry.value} is no longer on the local ${entry.action} list.`,
        },
      ],
    };
  },
});

function localCommand(action: 'allow' | 'block'): Command<IndicatorEngines> {
  return {
    words: `indicator ${action}`,
    summary: action === 'allow' ? 'Allow a value, whatever feeds say' : 'Block a value, whatever feeds say',
    positionals: [
      { name: 'VALUE', help: 'Domain, =host, URL, address, network, hash of a file or mail address' },
    ],
    options: {
      category: { help: 'Category of the entry', value: 'CATEGORY' },
      ...(action === 'block'
        ? {
            severity: {
              help: 'Severity of the entry',
              value: 'SEVERITY',
              choices: SEVERITIES,
              default: 'high',
            },
          }
        : {}),
      expires: { help: 'When it ends by itself: 12h, 30d; default: never', value: 'DURATION' },
      note: { help: 'Why, for whoever reads it later', value: 'TEXT' },
    },
    role: 'admin',
    where: 'either',
    examples: [`indicator ${action} example.com --note "ticket 4711" --expires 30d`],
    run: async ({ indicators }, input, io) => localResult(indicators, action, input, io.actor),
  };
}

async function localResult(
  indicators: IndicatorAdmin,
  action: 'allow' | 'block',
  input: Input,
  actor: string,
): Promise<Result> {
  const entry = await indicators.addLocal(
    {
      value: input.words['VALUE'] ?? '',
      action,
      category: textOption(input, 'category'),
      severity: choiceOption(input, 'severity', SEVERITIES),
      expiresAfterMs: durationOption(input, 'expires'),
      note: textOption(input, 'note'),
    },
    actor,
  );
  const until = entry.expiresAt === undefined ? '' : ` until ${entry.expiresAt}`;
  return {
    document: entry,
    view: [{ kind: 'text', text: `${entry.kind} ${entry.value} is on the local ${action} list${until}.` }],
  };
}

/** Look-ups need a verdict: their commands are in `engines/verdict`. */
export const indicatorCommands: readonly Command<IndicatorEngines>[] = [
  ...feedCommands,
  showIndicators,
  localCommand('allow'),
  localCommand('block'),
  indicatorRemove,
];

async function entriesResult(
  reader: IndicatorReader,
  feeds: readonly string[],
  { kind, category, limit }: { kind: IndicatorKind | undefined; category: string | undefined; limit: number },
): Promise<Result> {
  const entries: (StoredEntry & { readonly feed: string })[] = [];
  let hasMore = false;
  for (const feed of feeds) {
    const some = await firstOf(
      reader.entries(feed),
      limit - entries.length,
      (each) =>
        (kind === undefined || each.kind === kind) && (category === undefined || each.category === category),
    );
    entries.push(...some.found.map((entry) => ({ feed, ...entry })));
    hasMore = some.hasMore;
    if (hasMore) break;
  }
  return {
    document: { entries, hasMore },
    view: [
      {
        kind: 'table',
        columns: ['Feed', 'Action', 'Kind', 'Value', 'Category', 'Severity', 'Added', 'Ends', 'Note'].map(
          (title) => ({ title }),
        ),
        rows: entries.map((entry) => [
          entry.feed,
          actionCell(entry.action),
          entry.kind,
          entry.value,
          entry.category,
          entry.severity,
          isoOf(entry.addedAtS),
          entry.expiresAtS === undefined ? '' : isoOf(entry.expiresAtS),
          entry.note,
        ]),
      },
      ...(hasMore ? [{ kind: 'text' as const, text: `There are more; see --limit (now ${limit}).` }] : []),
    ],
  };
}

function countsResult(indicators: IndicatorAdmin): Result {
  const feeds = indicators.feeds();
  const local = indicators.local();
  const countsOf = (entries: readonly LocalEntry[]): Record<IndicatorKind, number> => {
    const kinds = noKinds();
    for (const entry of entries) kinds[entry.kind]++;
    return kinds;
  };
  const rows = [
    ...feeds.map(({ name, action, entries, kinds }) => ({ feed: name, action, entries, kinds })),
    ...ACTIONS.map((action) => {
      const entries = local.filter((entry) => entry.action === action);
      return { feed: LOCAL_FEED, action, entries: entries.length, kinds: countsOf(entries) };
    }),
  ];
  const columns = ['Feed', 'Action'].map((title) => ({ title }));
  const numbers = ['Entries', ...KINDS].map((title) => ({ title, align: 'right' as const }));
  return {
    document: { generation: indicators.generation, counts: rows, local },
    view: [
      {
        kind: 'table',
        columns: [...columns, ...numbers],
        rows: rows.map((row) => [row.feed, row.action, row.entries, ...KINDS.map((kind) => row.kinds[kind])]),
      },
      ...(local.length === 0 ? [] : [localTable(local)]),
    ],
  };
}

function localTable(local: readonly LocalEntry[]): View {
  return {
    kind: 'table',
    columns: ['Local', 'Kind', 'Value', 'Category', 'Note', 'Added', 'Ends'].map((title) => ({ title })),
    rows: local.map((entry) => [
      entry.action,
      entry.kind,
      entry.value,
      entry.category,
      entry.note,
      entry.addedAt,
      entry.expiresAt ?? '',
    ]),
  };
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
