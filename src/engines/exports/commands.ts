import {
  type Command,
  defineCommand,
  formatBytes,
  type Input,
  listOption,
  type Result,
  textOption,
  TLPS,
} from '../../kernel/index.ts';
import { EXPORT_FORMATS, EXPORT_GROUPS, type ExportGroup } from '../../protocols/exports/index.ts';
import type { JsonObject } from '../state/index.ts';
import type { ExportAdmin } from './admin.ts';
import { type Artifact, skippedText } from './artifact.ts';
import { collectionCommands } from './collection-commands.ts';
import type { ExportDefinition } from './definition.ts';
import { EXPORT_ACTIONS, EXPORT_KINDS } from './document.ts';
import { SEVERITY_ORDER } from './filter.ts';

export interface ExportEngines {
  readonly exports: ExportAdmin;
}

const FORMATS = EXPORT_FORMATS.map(({ name }) => name);
const GROUPS = Object.keys(EXPORT_GROUPS);

const exportAdd = defineCommand<ExportEngines>({
  words: 'export add',
  summary: 'Add a list that goes out under a name of its own',
  positionals: [{ name: 'NAME', help: 'Part of its address: /feeds/NAME.FORMAT' }],
  options: {
    feed: { help: 'Only entries of this feed; "local" is one; default: all', value: 'FEED', repeat: true },
    kind: { help: 'Only entries of this kind', value: 'KIND', choices: EXPORT_KINDS, repeat: true },
    category: { help: 'Only entries of this category', value: 'CATEGORY', repeat: true },
    severity: { help: 'At least so severe', value: 'SEVERITY', choices: SEVERITY_ORDER },
    confidence: { help: 'At least so sure, 0 to 100', value: 'NUMBER' },
    action: { help: 'What the entries say', value: 'ACTION', choices: EXPORT_ACTIONS, default: 'block' },
    'max-age': { help: 'Last seen no longer ago than this, such as 30d', value: 'TIME' },
    'added-after': { help: 'Added later than this, such as 2026-01-31T00:00:00Z', value: 'TIME' },
    tlp: {
      help: 'No more secret than this; red is never exported',
      value: 'TLP',
      choices: TLPS.filter((tlp) => tlp !== 'red'),
    },
    limit: { help: 'At most so many entries', value: 'NUMBER' },
    split: { help: 'Lines of one part (?part=1), for receivers that take no more', value: 'NUMBER' },
    public: { help: 'Without a token, up to TLP:GREEN' },
    note: { help: 'What it is for', value: 'TEXT' },
  },
  role: 'admin',
  where: 'either',
  examples: [
    'export add firewall --kind address --kind network --severity high --public',
    'export add partners --feed urlhaus --max-age 30d --tlp green --note "for the branch offices"',
  ],
  run: async ({ exports }, input, io) => {
    const name = input.words['NAME'] ?? '';
    const added = await exports.add(name, documentOf(input), io.actor);
    return {
      document: added,
      view: [{ kind: 'text', text: `The export ${name} is at /feeds/${name}.txt and in other formats.` }],
    };
  },
});

const exportList = defineCommand<ExportEngines>({
  words: 'export list',
  summary: 'List what goes out: stored exports, and those that every gateway has',
  positionals: [],
  options: {},
  role: 'read',
  where: 'either',
  run: async ({ exports }) => {
    const list = await exports.list();
    const columns = ['Export', 'Origin', 'Access', 'Action', 'Feeds', 'Filter', 'Note'];
    return {
      document: list,
      view: [
        {
          kind: 'table',
          columns: columns.map((title) => ({ title })),
          rows: list.map((each) => [
            each.name,
            each.origin,
            each.public ? 'public' : 'token',
            each.filter.action,
            each.filter.feeds.length === 0 ? 'all' : each.filter.feeds.join(', '),
            filterText(each),
            each.note,
          ]),
        },
      ],
    };
  },
});

const exportShow = defineCommand<ExportEngines>({
  words: 'export show',
  summary: 'Show an export, and what was written and left out in each format',
  positionals: [{ name: 'NAME', help: 'Name of the export' }],
  options: {
    format: { help: 'Write it in this format now', value: 'FORMAT', choices: FORMATS },
    kind: { help: 'With --format: only entries of this group', value: 'GROUP', choices: GROUPS },
  },
  role: 'read',
  where: 'either',
  examples: ['export show all-block', 'export show all-block --format nft'],
  run: async ({ exports }, input) => {
    const name = input.words['NAME'] ?? '';
    const format = textOption(input, 'format');
    const group = (Object.keys(EXPORT_GROUPS) as ExportGroup[]).find(
      (each) => each === textOption(input, 'kind'),
    );
    if (format !== undefined) await exports.render(name, format, group);
    const { definition, rendered } = await exports.show(name);
    return {
      document: { ...definition, rendered: rendered.map(renderedDocument) },
      view: [...definitionView(definition), ...renderedView(rendered)],
    };
  },
});

const exportRemove = defineCommand<ExportEngines>({
  words: 'export remove',
  summary: 'Remove an export; the feeds behind it stay',
  positionals: [{ name: 'NAME', help: 'Name of the export' }],
  options: {},
  role: 'admin',
  where: 'either',
  run: async ({ exports }, input, io) => {
    const removed = await exports.remove(input.words['NAME'] ?? '', io.actor);
    return {
      document: { removed: removed.name },
      view: [{ kind: 'text', text: `The export ${removed.name} is removed.` }],
    };
  },
});

export const exportCommands: readonly Command<ExportEngines>[] = [
  exportAdd,
  exportList,
  exportShow,
  exportRemove,
  ...collectionCommands,
];

/** The options as the document that is stored. What is wrong in it is said by whoever stores it. */
function documentOf(input: Input): JsonObject {
  const number = (name: string): number | string | undefined => {
    const text = textOption(input, name);
    return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : text;
  };
  const given: Readonly<Record<string, JsonObject[string] | undefined>> = {
    feeds: listOption(input, 'feed'),
    kinds: listOption(input, 'kind'),
    categories: listOption(input, 'category'),
    severity: textOption(input, 'severity'),
    confidence: number('confidence'),
    action: textOption(input, 'action'),
    maxAge: textOption(input, 'max-age'),
    addedAfter: textOption(input, 'added-after'),
    tlp: textOption(input, 'tlp'),
    limit: number('limit'),
    split: number('split'),
    public: input.options['public'] === true ? true : undefined,
    note: textOption(input, 'note'),
  };
  const present = Object.entries(given).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  // What is `undefined` was left out.
  return Object.fromEntries(present) as JsonObject;
}

function filterText({ filter, limit }: ExportDefinition): string {
  const { kinds, categories, severityMin, confidenceMin, maxAgeS, addedAfterS, tlpMax } = filter;
  return [
    kinds.length === 0 ? '' : kinds.join('+'),
    categories.length === 0 ? '' : categories.join('+'),
    severityMin === 'low' ? '' : `${severityMin} or worse`,
    confidenceMin === 0 ? '' : `confidence ${confidenceMin} or more`,
    maxAgeS === undefined ? '' : `seen in ${maxAgeS} s`,
    addedAfterS === undefined ? '' : `added after ${new Date(addedAfterS * 1000).toISOString()}`,
    tlpMax === 'amber+strict' ? '' : `up to TLP:${tlpMax.toUpperCase()}`,
    limit === undefined ? '' : `${limit} entries`,
  ]
    .filter((text) => text !== '')
    .join(', ');
}

function definitionView(definition: ExportDefinition): NonNullable<Result['view']> {
  return [
    {
      kind: 'facts',
      facts: [
        ['export', definition.name],
        ['origin', definition.origin],
        [
          'access',
          definition.public ? 'public, up to TLP:GREEN; with a token all' : 'token with scope intel',
        ],
        ['action', definition.filter.action],
        ['feeds', definition.filter.feeds.length === 0 ? 'all' : definition.filter.feeds.join(', ')],
        ['filter', filterText(definition)],
        ['note', definition.note],
      ],
    },
  ];
}

function renderedDocument(artifact: Artifact) {
  const { format, group, generation, entries, skipped, beyond, allowed, bytes, gzipBytes, etag } = artifact;
  return {
    format,
    kind: group ?? null,
    generation,
    entries,
    skipped,
    beyondLimit: beyond,
    locallyAllowed: allowed,
    bytes,
    gzipBytes,
    parts: artifact.parts.length,
    etag,
    builtAt: new Date(artifact.builtAtMs).toISOString(),
    tookMs: artifact.tookMs,
  };
}

function renderedView(rendered: readonly Artifact[]): NonNullable<Result['view']> {
  if (rendered.length === 0) return [{ kind: 'text', text: 'It was not asked for yet in any format.' }];
  return [
    {
      kind: 'table',
      columns: [
        { title: 'Format' },
        { title: 'Kind' },
        { title: 'Entries', align: 'right' },
        { title: 'Left out: no form for them' },
        { title: 'Allowed here', align: 'right' },
        { title: 'Size', align: 'right' },
        { title: 'Written' },
      ],
      rows: rendered.map((each) => [
        each.format,
        each.group ?? 'all',
        each.entries,
        skippedText(each.skipped),
        each.allowed,
        formatBytes(each.bytes),
        new Date(each.builtAtMs).toISOString(),
      ]),
    },
  ];
}
