import { readFile, stat } from 'node:fs/promises';
import {
  defineCommand,
  textOption,
  type Command,
  type Input,
  type Result,
  type View,
} from '../../kernel/index.ts';
import { diffLine, type JsonObject } from './diff.ts';
import { stateErrors } from './errors.ts';
import type { Applied, State } from './state.ts';
import { versionCommands } from './version-commands.ts';

interface Engines {
  readonly state: State;
}

const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024;
const LIMIT_DEFAULT = 50;

const limitOption = {
  help: 'How many to show, newest first, at most 1000',
  value: 'N',
  default: String(LIMIT_DEFAULT),
};

const showVersions = {
  summary: 'Show the numbered versions of the configuration, newest first',
  positionals: [],
  options: {
    limit: limitOption,
    before: { help: 'Only versions older than this number', value: 'VERSION' },
  },
  role: 'read',
  where: 'either',
  async run({ state }: Engines, input: Input): Promise<Result> {
    const before = textOption(input, 'before');
    const versions = await state.versions(
      limitOf(input),
      before === undefined ? undefined : Number(before) || 0,
    );
    const document = versions.map(({ atMs, ...rest }) => ({ at: isoTime(atMs), ...rest }));
    const rows = versions.map(({ number, atMs, author, summary, diff }) => [
      number,
      isoTime(atMs),
      author,
      summary,
      diff.length === 0 ? 'nothing that is shown' : diff.map(diffLine).join('\n'),
    ]);
    const columns = [
      { title: 'version', align: 'right' as const },
      ...['time', 'author', 'summary', 'changes'].map((title) => ({ title })),
    ];
    return { document, view: [{ kind: 'table', columns, rows }] };
  },
} as const;

const showDocument = {
  positionals: [],
  options: {},
  role: 'read',
  where: 'either',
  async run({ state }: Engines): Promise<Result> {
    const document = await state.exportDocument();
    return { document, view: [{ kind: 'text', text: await yamlOf(document) }] };
  },
} as const;

/** Commands over versions, documents and audit. */
export const stateCommands: readonly Command<Engines>[] = [
  ...versionCommands,
  defineCommand<Engines>({
    words: 'show config',
    summary: 'Show the configuration in the state store, without secrets',
    ...showDocument,
  }),
  defineCommand<Engines>({
    words: 'config export',
    summary: 'Export the configuration in the state store as one document, without secrets',
    ...showDocument,
    examples: ['config export'],
  }),
  defineCommand<Engines>({ words: 'show config versions', ...showVersions }),
  defineCommand<Engines>({ words: 'config versions', ...showVersions }),
  defineCommand<Engines>({
    words: 'config apply',
    summary: 'Make the configuration what a document says; sections that it lacks stay',
    positionals: [{ name: 'file', help: 'YAML or JSON, as `config export` writes it', file: true }],
    options: { 'dry-run': { help: 'Only show what would change' } },
    role: 'admin',
    where: 'either',
    examples: ['config apply gateway.yaml --dry-run'],
    async run({ state }, { words, options }, { actor }) {
      const document = await readDocumentFile(words['file'] ?? '');
      const dryRun = options['dry-run'] === true;
      return appliedResult(await state.apply(document, { author: actor }, { dryRun }), dryRun);
    },
  }),
  defineCommand<Engines>({
    words: 'config rollback',
    summary: 'Make the configuration what it was in an earlier version',
    positionals: [{ name: 'version', help: 'Number of the version' }],
    options: {},
    role: 'admin',
    where: 'either',
    examples: ['config rollback 12'],
    async run({ state }, { words }, { actor }) {
      const number = words['version'] ?? '';
      if (!/^\d{1,9}$/.test(number))
        throw stateErrors.STATE_VERSION_UNKNOWN({ number, oldest: 'shown there' });
      return appliedResult(await state.rollback(Number(number), { author: actor }), false);
    },
  }),
  defineCommand<Engines>({
    words: 'show audit',
    summary: 'Show who changed what, newest first',
    positionals: [],
    options: {
      limit: limitOption,
      before: { help: 'Only entries older than this number', value: 'ID' },
      actor: { help: 'Only entries of this user', value: 'NAME' },
      action: {
        help: 'Only this action, or those that begin with a prefix such as `token.`',
        value: 'ACTION',
      },
    },
    role: 'admin',
    where: 'either',
    async run({ state }, input) {
      const before = textOption(input, 'before');
      const rows = await state.auditEntries({
        limit: limitOf(input),
        beforeId: before === undefined ? undefined : Number(before) || 0,
        actor: textOption(input, 'actor'),
        action: textOption(input, 'action'),
      });
      const columns = [
        { title: 'id', align: 'right' as const },
        ...['time', 'actor', 'source', 'action', 'outcome', 'details'].map((title) => ({ title })),
      ];
      return {
        document: rows.map(({ atMs, ...rest }) => ({ at: isoTime(atMs), ...rest })),
        view: [
          {
            kind: 'table',
            columns,
            rows: rows.map(({ id, atMs, actor, source, action, outcome, details }) => [
              id,
              isoTime(atMs),
              actor,
              source,
              action,
              { text: outcome, tone: outcome === 'done' ? 'good' : 'bad' },
              JSON.stringify(details),
            ]),
          },
        ],
      };
    },
  }),
];

function appliedResult({ diff, notes, version }: Applied, dryRun: boolean): Result {
  const title =
    version !== undefined
      ? `version ${version}`
      : dryRun
        ? 'dry run, nothing was changed'
        : 'nothing to change';
  const view: View[] = [{ kind: 'title', text: title }];
  if (diff.length > 0) view.push({ kind: 'text', text: diff.map(diffLine).join('\n') });
  for (const note of notes) view.push({ kind: 'text', text: note });
  return { document: { version: version ?? null, dryRun, diff, notes }, view };
}

async function readDocumentFile(path: string): Promise<unknown> {
  let text: string;
  try {
    if ((await stat(path)).size > DOCUMENT_BYTES_MAX) throw new RangeError('larger than 64 MiB');
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'larger than 64 MiB';
    throw stateErrors.STATE_DOCUMENT_INVALID({ text: `  ${path} cannot be read (${reason})` }, { cause });
  }
  const { parseYaml } = await import('../config/index.ts');
  const parsed = parseYaml(text);
  if (parsed.problem === undefined) return parsed.value;
  throw stateErrors.STATE_DOCUMENT_INVALID({
    text: `  ${path}:${parsed.problem.line ?? 1} ${parsed.problem.message}`,
  });
}

/** YAML is loaded when it is shown: edges import what is beside this file. */
async function yamlOf(document: JsonObject): Promise<string> {
  const { formatYaml } = await import('../config/index.ts');
  return formatYaml(document);
}

function limitOf(input: Input): number {
  const limit = Number(textOption(input, 'limit') ?? LIMIT_DEFAULT);
  return Number.isInteger(limit) && limit > 0 ? limit : LIMIT_DEFAULT;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
