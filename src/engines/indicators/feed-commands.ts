import { type Command, defineCommand, textOption, TLPS } from '../../kernel/index.ts';
import { CSV_FIELDS, LIST_FORMATS } from '../../protocols/lists/index.ts';
import type { IndicatorAdmin } from './admin.ts';
import { choiceOption, durationOption, mappingOf, numberOption } from './command-options.ts';
import { feedsResult, reportView } from './feed-views.ts';
import { SEVERITIES } from './keys.ts';

/** What commands about feeds need. */
interface FeedEngines {
  readonly indicators: IndicatorAdmin;
}

const ACTIONS = ['block', 'allow', 'label', 'suppress'] as const;
const MODES = ['replace', 'merge'] as const;

const PROGRESS = {
  wait: 'waiting for another import',
  read: 'reading',
  write: 'sorting and writing',
} as const;

const feedImport = defineCommand<FeedEngines>({
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
    mode: {
      help: 'merge adds to and updates what the feed holds; default: replace',
      value: 'MODE',
      choices: MODES,
    },
    action: {
      help: 'Whether entries are bad (block), known-good (allow), only have a category (label), or are never to be blocked by feeds (suppress); default: what lists of the format are for',
      choices: ACTIONS,
      value: 'ACTION',
    },
    category: { help: 'Category of entries whose list names none', value: 'CATEGORY' },
    severity: {
      help: 'Severity of entries whose list names none; default: high',
      value: 'SEVERITY',
      choices: SEVERITIES,
    },
    confidence: {
      help: 'Confidence of entries whose list names none, 0 to 100; default: 100',
      value: 'NUMBER',
    },
    tlp: {
      help: 'Traffic light of entries whose list names none; default: clear',
      value: 'TLP',
      choices: TLPS,
    },
    expires: { help: 'When entries end whose list names no end: 30d', value: 'DURATION' },
    licence: { help: 'Licence of the list, SPDX identifier or text', value: 'LICENCE' },
    priority: {
      help: 'Smaller comes first among matches that are otherwise equal; default: 100',
      value: 'NUMBER',
    },
    map: {
      help: `CSV columns by name or number: FIELD=COLUMN,… with fields ${CSV_FIELDS.join(', ')}`,
      value: 'FIELD=COLUMN',
      repeat: true,
    },
    'shrink-max': {
      help: 'Refuse an import that takes away more of the feed, in per cent; default: 90',
      value: 'PERCENT',
    },
    force: {
      help: 'Import a list that looks wrong: mostly rejected lines, or far fewer entries than before',
    },
  },
  role: 'admin',
  where: 'either',
  examples: [
    'feed import hosts.txt --format hosts --category malware',
    'feed import top.csv --action allow --map value=domain --feed top-sites',
    'feed import today.ndjson --feed partner --mode merge --expires 30d',
  ],
  run: async ({ indicators }, input, io) => {
    const report = await indicators.importFile(
      {
        file: input.words['FILE'] ?? '',
        feed: textOption(input, 'feed'),
        format: textOption(input, 'format'),
        mode: choiceOption(input, 'mode', MODES),
        action: choiceOption(input, 'action', ACTIONS),
        category: textOption(input, 'category'),
        severity: choiceOption(input, 'severity', SEVERITIES),
        confidence: numberOption(input, 'confidence', [0, 100]),
        tlp: choiceOption(input, 'tlp', TLPS),
        expiresAfterMs: durationOption(input, 'expires'),
        licence: textOption(input, 'licence'),
        priority: numberOption(input, 'priority', [0, 999_999]),
        mapping: mappingOf(input),
        shrinkMaxPercent: numberOption(input, 'shrink-max', [0, 100]),
        force: input.options['force'] === true,
      },
      io.actor,
      (step, done, total) => io.progress(PROGRESS[step], done, total === 0 ? undefined : total),
    );
    return { document: report, view: reportView(report) };
  },
});

const feedList = defineCommand<FeedEngines>({
  words: 'feed list',
  summary: 'List the feeds with their counts',
  positionals: [],
  options: {},
  role: 'read',
  where: 'either',
  run: async ({ indicators }) => feedsResult(indicators),
});

const showFeeds = defineCommand<FeedEngines>({
  ...feedList,
  words: 'show feeds',
  summary: 'Show the feeds with their counts',
});

const feedRemove = defineCommand<FeedEngines>({
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

export const feedCommands: readonly Command<FeedEngines>[] = [feedImport, feedList, feedRemove, showFeeds];
