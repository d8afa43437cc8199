import {
  type Command,
  type Cell,
  defineCommand,
  formatBytes,
  type Input,
  type Result,
  textOption,
} from '../../kernel/index.ts';
import { CSV_FIELDS, type CsvMapping, LIST_FORMATS } from '../../protocols/lists/index.ts';
import type { IndicatorAdmin } from './admin.io.ts';
import { indicatorErrors } from './errors.ts';
import type { ImportReport } from './import.io.ts';
import { KINDS, SEVERITIES } from './keys.ts';
import type { LocalEntry } from './local-list.ts';
import { type FeedInfo, LOCAL_FEED } from './manifest.ts';
import type { IndicatorReader } from './reader.io.ts';

export interface IndicatorEngines {
  readonly indicators: IndicatorAdmin;
  readonly reader: IndicatorReader;
}

const ACTIONS = ['block', 'allow'] as const;

const feedImport = defineCommand<IndicatorEngines>({
  words: 'feed import',
  summary: 'Import a list into a feed, replacing what the feed held',
  positionals: [{ name: 'FILE', help: 'The list, plain or gzip', file: true }],
  options: {
    format: {
      help: 'Format of the list; auto tells it from content and name',
      value: 'FORMAT',
      choices: ['auto', ...LIST_FORMATS],
      default: 'auto',
    },
    feed: { help: 'Name of the feed; default: from the name of the file', value: 'NAME' },
    action: {
      help: 'Whether entries are bad (block) or known-good (allow)',
      choices: ACTIONS,
      value: 'ACTION',
      default: 'block',
    },
    category: { help: 'Category of entries whose list names none', value: 'CATEGORY' },
    severity: {
      help: 'Severity of entries whose list names none',
      value: 'SEVERITY',
      choices: SEVERITIES,
      default: 'high',
    },
    licence: { help: 'Licence of the list, SPDX identifier or text', value: 'LICENCE' },
    priority: {
      help: 'Smaller comes first among matches that are otherwise equal',
      value: 'NUMBER',
      default: '100',
    },
    map: {
      help: `CSV columns by name or number: FIELD=COLUMN,… with fields ${CSV_FIELDS.join(', ')}`,
      value: 'FIELD=COLUMN',
      repeat: true,
    },
  },
  role: 'admin',
  where: 'either',
  examples: [
    'feed import hosts.txt --format hosts --category malware',
    'feed import top.csv --action allow --map value=domain --feed top-sites',
  ],
  run: async ({ indicators }, input, io) => {
    const report = await indicators.importFile(
      {
        file: input.words['FILE'] ?? '',
        feed: textOption(input, 'feed'),
        format: textOption(input, 'format'),
        action: choice(input, 'action', ACTIONS),
        category: textOption(input, 'category'),
        severity: choice(input, 'severity', SEVERITIES),
        licence: textOption(input, 'licence'),
        priority: priorityOf(input),
        mapping: mappingOf(input),
      },
      io.actor,
      (step, done, total) => io.progress(PROGRESS[step], done, total === 0 ? undefined : total),
    );
    return { document: report, view: reportView(report) };
  },
});

const feedList = defineCommand<IndicatorEngines>({
  words: 'feed list',
  summary: 'List the feeds with their counts',
  positionals: [],
  options: {},
  role: 'read',
  where: 'either',
  run: async ({ indicators }) => feedsResult(indicators.feeds()),
});

const showFeeds = defineCommand<IndicatorEngines>({
  ...feedList,
  words: 'show feeds',
  summary: 'Show the feeds with their counts',
});

const feedRemove = defineCommand<IndicatorEngines>({
  words: 'feed remove',
  summary: 'Remove a feed with all its entries',
  positionals: [{ name: 'NAME', help: 'Name of the feed' }],
  options: {},
  role: 'admin',
  where: 'either',
  examples: ['feed remove top-sites'],
  run: async ({ indicators }, input, io) => {
    const feed = await indicators.remove(input.words['NAME'] ?? '', io.actor);
    return {
      document: { removed: feed.name, entries: feed.entries },
      view: [{ kind: 'text', text: `Feed ${feed.name} with ${feed.entries} entries is removed.` }],
    };
  },
});

const showIndicators = defineCommand<IndicatorEngines>({
  words: 'show indicators',
  summary: 'Show counts by feed and kind, and the local lists',
  positionals: [],
  options: {},
  role: 'read',
  where: 'either',
  run: async ({ indicators }) => indicatorsResult(indicators),
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
    positionals: [{ name: 'VALUE', help: 'Domain, =host, URL, address or network' }],
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
      note: { help: 'Why, for whoever reads it later', value: 'TEXT' },
    },
    role: 'admin',
    where: 'either',
    examples: [`indicator ${action} example.com --note "ticket 4711"`],
    run: async ({ indicators }, input, io) => {
      const entry = await indicators.addLocal(
        {
          value: input.words['VALUE'] ?? '',
          action,
          category: textOption(input, 'category'),
          severity: choice(input, 'severity', SEVERITIES),
          note: textOption(input, 'note'),
        },
        io.actor,
      );
      return {
        document: entry,
        view: [{ kind: 'text', text: `${entry.kind} ${entry.value} is on the local ${action} list.` }],
      };
    },
  };
}

/** Look-ups need a verdict: their commands are in `engines/verdict`. */
export const indicatorCommands: readonly Command<IndicatorEngines>[] = [
  feedImport,
  feedList,
  feedRemove,
  showFeeds,
  showIndicators,
  localCommand('allow'),
  localCommand('block'),
  indicatorRemove,
];

/** On a terminal; `--json` has all that `indicators.importErrorsMax` keeps. */
const PROBLEMS_SHOWN = 10;

const PROGRESS = {
  wait: 'waiting for another import',
  read: 'reading',
  write: 'sorting and writing',
} as const;

/** `value=entry,category=2` of all `--map` options. */
export function mappingOf(input: Input): CsvMapping {
  const given = input.options['map'];
  // The kernel types a repeated option as an array of texts.
  const texts =
    typeof given === 'string' ? [given] : Array.isArray(given) ? (given as readonly string[]) : [];
  const mapping: { -readonly [K in keyof CsvMapping]: CsvMapping[K] } = {};
  for (const pair of texts.flatMap((text) => text.split(','))) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals)).trim();
    const field = CSV_FIELDS.find((each) => each === name);
    const column = pair.slice(equals + 1).trim();
    if (field === undefined || column === '') {
      const reason = `"${pair}" is not FIELD=COLUMN with a field of ${CSV_FIELDS.join(', ')}`;
      throw indicatorErrors.INDICATORS_OPTION({
        option: 'map',
        reason,
        help: 'Example: --map value=entry,category=category',
      });
    }
    mapping[field] = column;
  }
  return mapping;
}

function priorityOf(input: Input): number | undefined {
  const text = textOption(input, 'priority');
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text)) {
    throw indicatorErrors.INDICATORS_OPTION({
      option: 'priority',
      reason: `"${text}" is no number`,
      help: 'Use 0 to 999999',
    });
  }
  return Number(text);
}

function choice<T extends string>(input: Input, option: string, choices: readonly T[]): T | undefined {
  const text = textOption(input, option);
  if (text === undefined) return undefined;
  const chosen = choices.find((each) => each === text);
  if (chosen === undefined) {
    const help = `Use one of: ${choices.join(', ')}`;
    throw indicatorErrors.INDICATORS_OPTION({ option, reason: `"${text}" is not possible`, help });
  }
  return chosen;
}

function reportView(report: ImportReport): NonNullable<Result['view']> {
  const kinds = KINDS.filter((kind) => report.kinds[kind] > 0).map((kind) => `${report.kinds[kind]} ${kind}`);
  const rejected: Cell = report.rejected === 0 ? 0 : { text: String(report.rejected), tone: 'warn' };
  const view: NonNullable<Result['view']>[number][] = [
    {
      kind: 'facts',
      facts: [
        ['feed', report.feed],
        ['format', report.format],
        ['action', report.action],
        ['entries', `${report.entries} (${kinds.join(', ')})`],
        ['duplicates', report.duplicates],
        ['rejected', rejected],
        ['seconds', report.seconds],
        ['generation', report.generation],
      ],
    },
  ];
  if (report.rejected > 0) {
    view.push({ kind: 'title', text: 'Why lines were rejected' });
    view.push({
      kind: 'table',
      columns: [{ title: 'Lines', align: 'right' }, { title: 'Reason' }],
      rows: report.reasons.map(({ reason, count }) => [count, reason]),
    });
    view.push({ kind: 'title', text: 'The first of them' });
    view.push({
      kind: 'table',
      columns: [{ title: 'Line', align: 'right' }, { title: 'Reason' }, { title: 'Text' }],
      rows: report.problems
        .slice(0, PROBLEMS_SHOWN)
        .map(({ line, reason, text }) => [line === 0 ? '' : line, reason, text]),
    });
  }
  return view;
}

function feedsResult(feeds: readonly FeedInfo[]): Result {
  const document = feeds.map(({ segment: _segment, values: _values, ...feed }) => feed);
  return {
    document,
    view: [
      {
        kind: 'table',
        columns: [
          { title: 'Feed' },
          { title: 'Action' },
          { title: 'Entries', align: 'right' },
          { title: 'Category' },
          { title: 'Severity' },
          { title: 'Licence' },
          { title: 'Format' },
          { title: 'Size', align: 'right' },
          { title: 'Imported' },
        ],
        rows: feeds.map((feed) => [
          feed.name,
          { text: feed.action, tone: feed.action === 'block' ? 'bad' : 'good' },
          feed.entries,
          feed.category,
          feed.severity,
          feed.licence,
          feed.format,
          formatBytes(feed.bytes),
          feed.importedAt,
        ]),
      },
    ],
  };
}

function indicatorsResult(indicators: IndicatorAdmin): Result {
  const feeds = indicators.feeds();
  const local = indicators.local();
  const countsOf = (entries: readonly LocalEntry[]): FeedInfo['kinds'] => {
    const kinds = { domain: 0, host: 0, url: 0, address: 0, network: 0 };
    for (const entry of entries) kinds[entry.kind]++;
    return kinds;
  };
  const rows = [
    ...feeds.map((feed) => ({
      feed: feed.name,
      action: feed.action,
      entries: feed.entries,
      kinds: feed.kinds,
    })),
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

function localTable(local: readonly LocalEntry[]): NonNullable<Result['view']>[number] {
  return {
    kind: 'table',
    columns: ['Local', 'Kind', 'Value', 'Category', 'Note', 'Added'].map((title) => ({ title })),
    rows: local.map((entry) => [
      entry.action,
      entry.kind,
      entry.value,
      entry.category,
      entry.note,
      entry.addedAt,
    ]),
  };
}
