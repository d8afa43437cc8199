import {
  type Command,
  type CommandIo,
  defineCommand,
  formatBytes,
  formatDuration,
  type Input,
  parseDuration,
  type Result,
  textOption,
  type View,
} from '../../kernel/index.ts';
import type { QuarantineAdmin } from './admin.io.ts';
import { quarantineErrors } from './errors.ts';
import { type Actor, itemDocument, type QuarantineItem } from './item.ts';
import { LIST_MAX, type Selection } from './store.ts';

export interface QuarantineEngines {
  readonly quarantine: QuarantineAdmin;
  /** What `release` adds to the local lists. */
  readonly indicators: {
    addLocal(
      request: { readonly value: string; readonly action: 'allow'; readonly note: string },
      actor: string,
    ): Promise<unknown>;
  };
}

const ITEM = { name: 'ITEM', help: 'Id, the beginning of one (4 characters or more), or SHA-256' } as const;

const list = defineCommand<QuarantineEngines>({
  words: 'quarantine list',
  summary: 'List the files in the quarantine, newest first',
  positionals: [],
  options: {
    state: { help: 'Only these', value: 'STATE', choices: ['kept', 'released'] },
    source: { help: 'Only files that came from this address', value: 'ADDRESS' },
    user: { help: 'Only files that this user brought', value: 'NAME' },
    before: { help: 'Only items that came before this one: the next page', value: 'ITEM' },
    limit: { help: `At most so many, up to ${LIST_MAX}`, value: 'NUMBER', default: '100' },
  },
  role: 'read',
  where: 'either',
  examples: ['quarantine list', 'quarantine list --source 10.1.2.3 --json'],
  run: async ({ quarantine }, input) => {
    const state = textOption(input, 'state');
    const source = textOption(input, 'source');
    const user = textOption(input, 'user');
    const beforeId = textOption(input, 'before');
    const items = await quarantine.list({
      limit: limitOf(input),
      ...(state === 'kept' || state === 'released' ? { state } : {}),
      ...(source === undefined ? {} : { source }),
      ...(user === undefined ? {} : { user }),
      ...(beforeId === undefined ? {} : { beforeId }),
    });
    const totals = await quarantine.totals();
    const summary = `${totals.items} files, ${formatBytes(totals.storedBytes)} on the disk`;
    return {
      document: { ...totals, items: items.map(itemDocument) },
      view: [table(items, quarantine.nowMs()), { kind: 'text', text: summary }],
    };
  },
});

const show = defineCommand<QuarantineEngines>({
  words: 'quarantine show',
  summary: 'Show a file in the quarantine: why it is kept, and where it came from',
  positionals: [ITEM],
  options: {},
  role: 'read',
  where: 'either',
  run: async ({ quarantine }, input) => {
    const item = await quarantine.show(input.words['ITEM'] ?? '');
    return { document: itemDocument(item), view: [facts(item)] };
  },
});

const restore = defineCommand<QuarantineEngines>({
  words: 'quarantine restore',
  summary: 'Write a file of the quarantine, byte for byte, into a new file on this machine',
  positionals: [ITEM, { name: 'FILE', help: 'File that does not exist yet', file: true }],
  options: {},
  role: 'admin',
  where: 'either',
  examples: ['quarantine restore 0c2f91aa /tmp/invoice.docm'],
  run: async ({ quarantine }, input, io) => {
    const id = input.words['ITEM'] ?? '';
    // Who signs in over the network must not write files as the user of the gateway.
    if (io.actor !== 'local') throw quarantineErrors.QUARANTINE_RESTORE_ELSEWHERE({ id });
    const file = input.words['FILE'] ?? '';
    const item = await quarantine.restore(id, file, actorOf(io));
    const warning = item.state === 'released' ? '' : ' It is what was found to be harmful: handle with care.';
    return {
      document: { ...itemDocument(item), file },
      view: [{ kind: 'text', text: `${item.name} is in ${file}, ${item.bytes} bytes.${warning}` }],
    };
  },
});

const release = defineCommand<QuarantineEngines>({
  words: 'quarantine release',
  summary: 'Say that a file is good: its SHA-256 is allowed from now on, and it is no longer held',
  positionals: [ITEM],
  options: { note: { help: 'Why, for the local list', value: 'TEXT' } },
  role: 'admin',
  where: 'either',
  examples: ['quarantine release 0c2f91aa --note "our own installer"'],
  run: async ({ quarantine, indicators }, input, io) => {
    const { id, sha256, name } = await quarantine.show(input.words['ITEM'] ?? '');
    const note = textOption(input, 'note') ?? `released from the quarantine: ${name}`;
    await indicators.addLocal({ value: sha256, action: 'allow', note: note.slice(0, 500) }, io.actor);
    const item = await quarantine.release(id, actorOf(io));
    return {
      document: itemDocument(item),
      view: [
        {
          kind: 'text',
          text: `${name} is allowed from now on. It can be restored until ${new Date(item.expiresAtMs).toISOString()}.`,
        },
      ],
    };
  },
});

const purge = defineCommand<QuarantineEngines>({
  words: 'quarantine purge',
  summary: 'Remove files from the quarantine for good',
  positionals: [{ ...ITEM, rest: true, optional: true }],
  options: {
    all: { help: 'All of them' },
    expired: { help: 'Those whose time is over' },
    released: { help: 'Those that were released' },
    'older-than': { help: 'Those last seen longer ago than this, such as 30d', value: 'TIME' },
  },
  role: 'admin',
  where: 'either',
  examples: ['quarantine purge 0c2f91aa', 'quarantine purge --older-than 30d'],
  run: async ({ quarantine }, input, io): Promise<Result> => {
    const removed = await quarantine.purge(selectionOf(input, quarantine.nowMs()), actorOf(io));
    const bytes = removed.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    return {
      document: {
        removed: removed.map(({ id, sha256, name }) => ({ id, sha256, name })),
        storedBytes: bytes,
      },
      view: [
        { kind: 'text', text: `${removed.length} files removed, ${formatBytes(bytes)} are free again.` },
      ],
    };
  },
});

export const quarantineCommands: readonly Command<QuarantineEngines>[] = [
  list,
  show,
  restore,
  release,
  purge,
];

function actorOf(io: CommandIo): Actor {
  return { actor: io.actor, source: io.actor === 'local' ? 'local' : 'api' };
}

function selectionOf(input: Input, nowMs: number): readonly string[] | Selection {
  const olderThan = textOption(input, 'older-than');
  const chosen: Selection[] = [];
  if (input.options['all'] === true) chosen.push({ kind: 'all' });
  if (input.options['expired'] === true) chosen.push({ kind: 'expired', atMs: nowMs });
  if (input.options['released'] === true) chosen.push({ kind: 'released' });
  if (olderThan !== undefined) {
    const ms = parseDuration(olderThan);
    if (ms === undefined) {
      const expected = 'write a length of time with its unit, such as 30d';
      throw quarantineErrors.QUARANTINE_VALUE({ option: '--older-than', value: olderThan, expected });
    }
    chosen.push({ kind: 'kept-before', atMs: nowMs - ms });
  }
  const [only] = chosen;
  if (only === undefined && input.rest.length > 0) return input.rest;
  if (only === undefined || chosen.length > 1 || input.rest.length > 0) {
    throw quarantineErrors.QUARANTINE_SELECTION();
  }
  return only;
}

function limitOf(input: Input): number {
  const text = textOption(input, 'limit') ?? '100';
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIST_MAX) return limit;
  const expected = `write a whole number from 1 to ${LIST_MAX}`;
  throw quarantineErrors.QUARANTINE_VALUE({ option: '--limit', value: text, expected });
}

function table(items: readonly QuarantineItem[], nowMs: number): View {
  const titles = ['Id', 'Age', 'File', 'Size', 'Finding', 'From', 'Seen', 'State'];
  return {
    kind: 'table',
    columns: titles.map((title) =>
      title === 'Size' || title === 'Seen' ? { title, align: 'right' } : { title },
    ),
    rows: items.map((item) => [
      item.id.slice(0, 8),
      formatDuration(Math.max(0, nowMs - item.keptAtMs)),
      item.name,
      formatBytes(item.bytes),
      { text: item.finding?.name ?? item.rule ?? '', tone: 'bad' },
      item.user ?? item.source,
      item.seen,
      { text: item.state, tone: item.state === 'kept' ? 'warn' : 'good' },
    ]),
  };
}

function facts(item: QuarantineItem): View {
  const { finding } = item;
  return {
    kind: 'facts',
    facts: [
      ['id', item.id],
      ['file', item.name],
      ['size', `${item.bytes} bytes`],
      ['type', item.media],
      ['SHA-256', item.sha256],
      ...(item.received === undefined
        ? []
        : [['came as', `${item.received.coding}, SHA-256 ${item.received.sha256}`] as const]),
      ['state', item.state],
      ['finding', finding === undefined ? 'none' : `${finding.name} (${finding.stage})`],
      ['found in', finding === undefined || finding.path === '' ? 'the file itself' : finding.path],
      ['rule', item.rule ?? 'none'],
      ['door', item.door],
      ['from', item.source],
      ['user', item.user ?? 'unknown'],
      ['kept', new Date(item.keptAtMs).toISOString()],
      ['expires', new Date(item.expiresAtMs).toISOString()],
      ['seen', `${item.seen} times, last ${new Date(item.lastSeenMs).toISOString()}`],
    ],
  };
}
