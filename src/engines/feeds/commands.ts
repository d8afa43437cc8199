import {
  type Cell,
  type Command,
  defineCommand,
  formatDuration,
  type Input,
  listOption,
  messageOf,
  type Option,
  type Result,
  textOption,
} from '../../kernel/index.ts';
import type { Json } from '../state/index.ts';
import { feedErrors } from './errors.ts';
import type { Feeds, FeedView } from './feeds.io.ts';
import { type Field, FIELD_NAMES, FIELDS, optionOf } from './fields.ts';
import type { SyncResult } from './runner.io.ts';
import { type FeedSecrets, readSecretLine } from './secrets.io.ts';

export interface FeedEngines {
  readonly feeds: Feeds;
}

const NAME = { name: 'NAME', help: 'Name of the feed' } as const;

const secretOptions = {
  'secret-file': {
    help: 'File whose first line is the password, token or value to sign in with',
    value: 'FILE',
    file: true,
  },
  secret: {
    help: 'The secret itself; other users of the machine can read a command line, so prefer the file',
    value: 'TEXT',
  },
  'parent-secret-file': {
    help: 'File whose first line is the password at a proxy of its own',
    value: 'FILE',
    file: true,
  },
  'parent-secret': { help: 'The password at a proxy of its own', value: 'TEXT' },
} as const satisfies Readonly<Record<string, Option>>;

const feedAdd = defineCommand<FeedEngines>({
  words: 'feed add',
  summary: 'Subscribe to a feed, which is fetched at once and then on time',
  positionals: [NAME],
  options: { ...fieldOptions(), ...secretOptions },
  role: 'admin',
  where: 'running',
  examples: [
    'feed add urls --url https://lists.example/urls.csv --format csv --map value=url --every 15m',
    'feed add intel --type taxii --url https://taxii.example/taxii2/ --collection Indicators --auth basic --user gw --secret-file password',
    'feed add ut1 --type ut1 --url https://lists.example/blacklists.tar.gz --only malware --only phishing --every 1d',
  ],
  run: async ({ feeds }, input, io) => {
    const name = input.words['NAME'] ?? '';
    const feed = await feeds.add(name, bodyIn(input), secretsIn(input), io.actor);
    return {
      document: shown(feeds.get(name)),
      view: [
        {
          kind: 'text',
          text: `The feed ${name} is fetched now and every ${formatDuration(feed.everyMs)}. See: feed show ${name}`,
        },
      ],
    };
  },
});

const feedEdit = defineCommand<FeedEngines>({
  words: 'feed edit',
  summary: 'Change a subscription; what is not named stays',
  positionals: [NAME],
  options: {
    ...fieldOptions(),
    ...secretOptions,
    unset: { help: 'Set an option back to its default', value: 'OPTION', repeat: true },
  },
  role: 'admin',
  where: 'running',
  examples: ['feed edit urls --every 5m --unset category'],
  run: async ({ feeds }, input, io) => {
    const name = input.words['NAME'] ?? '';
    const unset = listOption(input, 'unset').map((option): [string, undefined] => {
      const field = FIELD_NAMES.find((each) => optionOf(each) === option.replace(/^--/, ''));
      if (field !== undefined && field !== 'enabled') return [field, undefined];
      throw feedErrors.FEEDS_FIELDS({ text: `"${option}" is no option that can be unset`, problems: [] });
    });
    const change = { ...bodyIn(input), ...Object.fromEntries(unset) };
    await feeds.edit(name, change, secretsIn(input), io.actor);
    return { document: shown(feeds.get(name)), view: showView(feeds.get(name)) };
  },
});

function switched(word: 'enable' | 'disable'): Command<FeedEngines> {
  const enabled = word === 'enable';
  return {
    words: `feed ${word}`,
    summary: enabled ? 'Fetch a feed again by itself' : 'Keep a feed as it is and fetch it no more',
    positionals: [NAME],
    options: {},
    role: 'admin',
    where: 'running',
    run: async ({ feeds }, input, io) => {
      const name = input.words['NAME'] ?? '';
      await feeds.edit(name, { enabled }, {}, io.actor);
      const text = enabled ? `The feed ${name} is fetched.` : `The feed ${name} stays as it is.`;
      return { document: shown(feeds.get(name)), view: [{ kind: 'text', text }] };
    },
  };
}

const feedSync = defineCommand<FeedEngines>({
  words: 'feed sync',
  summary: 'Fetch a feed now; without a name, all that are enabled',
  positionals: [{ ...NAME, optional: true }],
  options: {
    force: { help: 'Fetch and import everything, also when nothing changed or most of it is gone' },
    background: { help: 'Do not wait for the end; see feed show' },
  },
  role: 'admin',
  where: 'running',
  examples: ['feed sync', 'feed sync urls --force'],
  run: async ({ feeds }, input, io) => {
    const force = input.options['force'] === true;
    const name = input.words['NAME'];
    if (input.options['background'] === true) {
      const names = name === undefined ? enabledNames(feeds) : [feeds.get(name).feed.name];
      for (const each of names) {
        // The caller has gone; whatever happens is in the status of the feed.
        feeds.sync(each, force, { actor: io.actor, progress: () => {} }).catch(() => undefined);
      }
      return { document: { started: names }, view: [{ kind: 'text', text: `Started: ${names.join(', ')}` }] };
    }
    if (name !== undefined) {
      const result = await feeds.sync(name, force, io);
      return { document: result, view: syncView([result]) };
    }
    const results: SyncResult[] = [];
    const failures: Error[] = [];
    for (const each of enabledNames(feeds)) {
      try {
        results.push(await feeds.sync(each, force, io));
      } catch (error) {
        // The others are fetched all the same; the first failure ends the command.
        failures.push(error instanceof Error ? error : new Error(messageOf(error)));
      }
    }
    const [first] = failures;
    if (first !== undefined) throw first;
    return { document: results, view: syncView(results) };
  },
});

const feedShow = defineCommand<FeedEngines>({
  words: 'feed show',
  summary: 'Show subscriptions, when they were fetched and what went wrong',
  positionals: [{ ...NAME, optional: true }],
  options: {},
  role: 'read',
  where: 'running',
  examples: ['feed show', 'feed show urls'],
  run: async ({ feeds }, input) => {
    const name = input.words['NAME'];
    if (name !== undefined) return { document: shown(feeds.get(name)), view: showView(feeds.get(name)) };
    const all = feeds.list();
    return {
      document: all.map(shown),
      view: [
        {
          kind: 'table',
          columns: [
            { title: 'feed' },
            { title: 'type' },
            { title: 'state' },
            { title: 'entries', align: 'right' },
            { title: 'last success' },
            { title: 'next' },
            { title: 'url' },
          ],
          rows: all.map((view): readonly Cell[] => [
            view.feed.name,
            view.feed.type,
            stateCell(view),
            view.status.entries ?? '',
            isoTime(view.status.successAtMs) ?? 'never',
            nextText(view),
            view.feed.url,
          ]),
        },
      ],
    };
  },
});

/** `feed import`, `feed list` and `feed remove` are of `engines/indicators`: they work without a subscription, too. */
export const feedCommands: readonly Command<FeedEngines>[] = [
  feedAdd,
  feedEdit,
  switched('enable'),
  switched('disable'),
  feedSync,
  feedShow,
];

/** Options of the commands from the table of fields. */
function fieldOptions(): Readonly<Record<string, Option>> {
  return Object.fromEntries(
    FIELD_NAMES.filter((name) => name !== 'enabled').map((name): [string, Option] => {
      const field: Field = FIELDS[name];
      return [
        optionOf(name),
        {
          help: field.help,
          ...(field.kind === 'flag' ? {} : { value: field.value }),
          ...(field.choices === undefined ? {} : { choices: field.choices }),
          ...(field.kind === 'list' ? { repeat: true } : {}),
          ...(name.endsWith('File') ? { file: true } : {}),
        },
      ];
    }),
  );
}

/** What the options say, as a document; members that were not given are absent. */
function bodyIn(input: Input): Readonly<Record<string, Json>> {
  const body: Record<string, Json> = {};
  for (const name of FIELD_NAMES) {
    const option = optionOf(name);
    const field: Field = FIELDS[name];
    const text = textOption(input, option);
    const list = listOption(input, option);
    if (field.kind === 'flag') {
      // A flag that is not given is false, too: that is no wish. `--unset` takes it back.
      if (input.options[option] === true) body[name] = true;
    } else if (field.kind === 'list') {
      // Only columns may be given several in one word; labels may hold commas.
      if (list.length > 0) body[name] = name === 'map' ? list.flatMap((each) => each.split(',')) : list;
    } else if (text !== undefined) body[name] = field.kind === 'number' ? numberIn(text) : text;
  }
  return body;
}

/** What is no number stays a text, and is refused with the name of its field. */
function numberIn(text: string): Json {
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function secretsIn(input: Input): FeedSecrets {
  const one = (option: string): string | undefined => {
    const file = textOption(input, `${option}-file`);
    return file === undefined ? textOption(input, option) : readSecretLine(file);
  };
  const secret = one('secret');
  const parentSecret = one('parent-secret');
  return {
    ...(secret === undefined ? {} : { secret }),
    ...(parentSecret === undefined ? {} : { parentSecret }),
  };
}

function enabledNames(feeds: Feeds): readonly string[] {
  return feeds.list().flatMap(({ feed, running }) => (feed.enabled && !running ? [feed.name] : []));
}

/** For machines. Secrets are not in subscriptions at all. */
function shown({ feed, status, health, running }: FeedView) {
  return {
    ...feed,
    running,
    state: feed.enabled ? health.state : 'disabled',
    reason: health.reason,
    attemptAt: isoTime(status.attemptAtMs),
    successAt: isoTime(status.successAtMs),
    changedAt: isoTime(status.changedAtMs),
    nextAt: feed.enabled ? isoTime(status.nextAtMs) : null,
    failures: status.failures,
    error: status.error ?? null,
    entries: status.entries ?? null,
    bytes: status.bytes ?? null,
    generation: status.generation ?? null,
  };
}

function showView(view: FeedView): NonNullable<Result['view']> {
  const { feed, status } = view;
  const facts: (readonly [string, Cell])[] = [
    ['feed', feed.name],
    ['state', stateCell(view)],
    ['reason', view.health.reason],
    ['last attempt', isoTime(status.attemptAtMs) ?? 'never'],
    ['last success', isoTime(status.successAtMs) ?? 'never'],
    ['last change', isoTime(status.changedAtMs) ?? 'never'],
    ['next', nextText(view)],
    ['entries', status.entries ?? ''],
    ['stale after', formatDuration(feed.staleAfterMs)],
    ['every', formatDuration(feed.everyMs)],
  ];
  const skipped = new Set(['name', 'everyMs', 'staleAfterMs', 'enabled']);
  for (const [key, value] of Object.entries(feed)) {
    if (skipped.has(key) || value === undefined || value === '' || value === false) continue;
    const text = typeof value === 'object' ? settingText(value) : String(value);
    if (text !== '') facts.push([optionOf(key).replaceAll('-', ' '), text]);
  }
  const hint = status.error?.hint ?? '';
  return [{ kind: 'facts', facts }, ...(hint === '' ? [] : [{ kind: 'text', text: hint } as const])];
}

function settingText(value: object): string {
  return Array.isArray(value)
    ? value.join(', ')
    : Object.entries(value)
        .map(([key, each]) => `${key}=${String(each)}`)
        .join(', ');
}

function syncView(results: readonly SyncResult[]): NonNullable<Result['view']> {
  return [
    {
      kind: 'table',
      columns: [
        { title: 'feed' },
        { title: 'result' },
        { title: 'entries', align: 'right' },
        { title: 'rejected', align: 'right' },
        { title: 'suppressed', align: 'right' },
        { title: 'seconds', align: 'right' },
      ],
      rows: results.map(({ feed, result, entries, rejected, suppressed, seconds }) => [
        feed,
        result,
        entries,
        rejected,
        suppressed,
        seconds,
      ]),
    },
    ...results.flatMap(({ notes }) => notes).map((text) => ({ kind: 'text', text }) as const),
  ];
}

function stateCell({ feed, health, running }: FeedView): Cell {
  if (running) return { text: 'fetching', tone: 'strong' };
  if (!feed.enabled) return { text: 'disabled', tone: 'dim' };
  return {
    text: health.state,
    tone: health.state === 'ok' ? 'good' : health.state === 'stale' ? 'bad' : 'warn',
  };
}

function nextText({ feed, status, running }: FeedView): string {
  if (!feed.enabled) return '';
  return running ? 'now' : (isoTime(status.nextAtMs) ?? 'now');
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
