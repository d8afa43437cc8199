import { readFile, stat } from 'node:fs/promises';
import {
  type Command,
  defineCommand,
  type Input,
  parseDuration,
  type Result,
  textOption,
  type View,
} from '../../kernel/index.ts';
import type { AppliedPolicy, PolicyAdmin, PolicyInForce } from './admin.ts';
import { policyErrors } from './errors.ts';
import { diffLines, withContext } from './line-diff.ts';
import { problemText } from './stored.ts';
import { CEILINGS } from './bounds.ts';

export interface PolicyEngines {
  readonly policy: PolicyAdmin;
}

const CONFIRM_MS_MIN = 10_000;
const CONFIRM_MS_MAX = 24 * 3_600_000;
const LIMIT = 50;

export const textOptionHelp = { help: 'The document itself, instead of a file', value: 'YAML' };
const versionOption = { help: 'Number of a version of the configuration', value: 'N' };

const showPolicy = {
  summary: 'Show the policy that is in force, or an earlier one',
  positionals: [],
  options: { version: versionOption },
  role: 'read',
  where: 'either',
  async run({ policy }: PolicyEngines, input: Input): Promise<Result> {
    const number = numberOption(input);
    if (number === undefined) return shown(policy.current());
    const text = await policy.textOf(number);
    return { document: { number, text }, view: [{ kind: 'text', text }] };
  },
} as const;

export const policyCommands: readonly Command<PolicyEngines>[] = [
  defineCommand<PolicyEngines>({
    words: 'policy show',
    ...showPolicy,
    examples: ['policy show', 'policy show --version 12'],
  }),
  defineCommand<PolicyEngines>({ words: 'show policy', ...showPolicy }),
  defineCommand<PolicyEngines>({
    words: 'policy apply',
    summary: 'Check a policy and put it in force in every edge',
    positionals: [{ name: 'FILE', help: 'The policy as YAML', optional: true, file: true }],
    options: {
      text: textOptionHelp,
      'confirm-within': { help: 'Take it back unless `policy confirm` comes in this time', value: 'TIME' },
      'dry-run': { help: 'Only check it, and show what would change' },
    },
    role: 'admin',
    where: 'either',
    examples: ['policy apply policy.yaml', 'policy apply policy.yaml --confirm-within 5m'],
    async run({ policy }, input, { actor }) {
      const confirmWithinMs = confirmOption(input);
      const text = await documentText(input);
      if (input.options['dry-run'] === true) {
        const { document, warnings } = await policy.check(text);
        const lines = withContext(diffLines(policy.current().text, text));
        const diff = lines.map(({ op, text: line }) => `${op} ${line}`);
        return {
          document: { dryRun: true, rules: document.rules.length, warnings, diff },
          view: [
            { kind: 'title', text: 'dry run, nothing was changed' },
            ...warningView(warnings),
            ...diffView(diff),
          ],
        };
      }
      const by = confirmWithinMs === undefined ? { actor } : { actor, confirmWithinMs };
      return applied(await policy.apply(text, by));
    },
  }),
  defineCommand<PolicyEngines>({
    words: 'policy confirm',
    summary: 'Keep a policy that was applied with --confirm-within',
    positionals: [],
    options: {},
    role: 'admin',
    where: 'either',
    examples: ['policy confirm'],
    async run({ policy }, _, { actor }) {
      const { version } = await policy.confirm(actor);
      return {
        document: { version, confirmed: true },
        view: [{ kind: 'text', text: `policy ${version} stays` }],
      };
    },
  }),
  defineCommand<PolicyEngines>({
    words: 'policy versions',
    summary: 'List the versions in which the policy was changed, newest first',
    positionals: [],
    options: { limit: { help: 'How many to show', value: 'N', default: String(LIMIT) } },
    role: 'read',
    where: 'either',
    async run({ policy }, input) {
      const limit = Number(textOption(input, 'limit') ?? LIMIT);
      const versions = await policy.versions(Number.isInteger(limit) && limit > 0 ? limit : LIMIT);
      const rows = versions.map(({ atMs, ...rest }) => ({ at: new Date(atMs).toISOString(), ...rest }));
      return {
        document: rows,
        view: [
          {
            kind: 'table',
            columns: [
              { title: 'VERSION', align: 'right' },
              { title: 'TIME' },
              { title: 'AUTHOR' },
              { title: 'WHAT' },
            ],
            rows: rows.map(({ number, at, author, summary }) => [number, at, author, summary]),
          },
        ],
      };
    },
  }),
  defineCommand<PolicyEngines>({
    words: 'policy diff',
    summary: 'Compare a file or an earlier version with the policy in force',
    positionals: [{ name: 'FILE', help: 'The policy as YAML', optional: true, file: true }],
    options: { text: textOptionHelp, version: versionOption },
    role: 'read',
    where: 'either',
    examples: ['policy diff policy.yaml', 'policy diff --version 12'],
    async run({ policy }, input) {
      const number = numberOption(input);
      const inForce = policy.current().text;
      // A version is older than what is in force, a file newer.
      const [before, after] =
        number === undefined ? [inForce, await documentText(input)] : [await policy.textOf(number), inForce];
      const diff = withContext(diffLines(before, after)).map(({ op, text }) => `${op} ${text}`);
      return { document: { same: diff.length === 0, diff }, view: diffView(diff) };
    },
  }),
  defineCommand<PolicyEngines>({
    words: 'policy rollback',
    summary: 'Put the policy of an earlier version in force again',
    positionals: [{ name: 'version', help: 'Number of the version' }],
    options: {},
    role: 'admin',
    where: 'either',
    examples: ['policy rollback 12'],
    async run({ policy }, { words }, { actor }) {
      return applied(await policy.rollback(versionNumber(words['version'] ?? ''), actor));
    },
  }),
  defineCommand<PolicyEngines>({
    words: 'policy schema',
    summary: 'Print the JSON Schema of the policy, for editors',
    positionals: [],
    options: {},
    role: 'read',
    where: 'either',
    async run() {
      const { policyJsonSchema } = await import('./schema.ts');
      const document = policyJsonSchema();
      return { document, view: [{ kind: 'text', text: JSON.stringify(document, undefined, 2) }] };
    },
  }),
];

function shown({ text, version, isDefault, pending, document }: PolicyInForce): Result {
  const confirmUntil = pending === undefined ? null : new Date(pending.untilMs).toISOString();
  const rules = document.rules.length;
  return {
    document: { version, isDefault, confirmUntil, rules, text },
    view: [
      {
        kind: 'facts',
        facts: [
          ['policy', isDefault ? `${version} (as shipped)` : version],
          ['rules', rules],
          ...(confirmUntil === null
            ? []
            : [['taken back', { text: `at ${confirmUntil} unless confirmed`, tone: 'warn' }] as const]),
        ],
      },
      { kind: 'text', text },
    ],
  };
}

function applied(result: AppliedPolicy): Result {
  const { version, changed, number, tookMs, edges, rules, warnings, confirmUntilMs } = result;
  const behind = edges.filter((edge) => edge.version !== version);
  const confirmUntil = confirmUntilMs === undefined ? null : new Date(confirmUntilMs).toISOString();
  const took = Math.round(tookMs * 10) / 10;
  const facts: View & { kind: 'facts' } = {
    kind: 'facts',
    facts: [
      ['policy', version],
      ['rules', rules],
      ['version', number ?? 'nothing was changed'],
      [
        'in force',
        edges.length === 0 ? 'when the gateway starts' : `in ${edges.length} edges after ${took} ms`,
      ],
      ...(behind.length === 0
        ? []
        : [['behind', { text: behind.map(({ pid }) => `edge ${pid}`).join(', '), tone: 'bad' }] as const]),
      ...(confirmUntil === null
        ? []
        : [['taken back', { text: `at ${confirmUntil} unless confirmed`, tone: 'warn' }] as const]),
    ],
  };
  return {
    document: {
      version,
      changed,
      number: number ?? null,
      tookMs: took,
      edges,
      rules,
      warnings,
      confirmUntil,
    },
    view: [facts, ...warningView(warnings)],
  };
}

/** What a policy warns of, below its other views; nothing where it warns of nothing. */
export function warningView(warnings: AppliedPolicy['warnings']): readonly View[] {
  return warnings.length === 0
    ? []
    : [
        { kind: 'title', text: 'warnings' },
        { kind: 'text', text: problemText(warnings) },
      ];
}

function diffView(diff: readonly string[]): readonly View[] {
  return [{ kind: 'text', text: diff.length === 0 ? 'no difference' : diff.join('\n') }];
}

function confirmOption(input: Input): number | undefined {
  const value = textOption(input, 'confirm-within');
  if (value === undefined) return undefined;
  const ms = parseDuration(value);
  if (ms === undefined || ms < CONFIRM_MS_MIN || ms > CONFIRM_MS_MAX)
    throw policyErrors.POLICY_TIME({ value });
  return ms;
}

function numberOption(input: Input): number | undefined {
  const value = textOption(input, 'version');
  return value === undefined ? undefined : versionNumber(value);
}

function versionNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw policyErrors.POLICY_VERSION_UNKNOWN({ version: text });
  return Number(text);
}

/** The text of FILE or of `--text`. */
export async function documentText(input: Input, word = 'FILE', option = 'text'): Promise<string> {
  const text = textOption(input, option);
  if (text !== undefined) return text;
  const file = input.words[word];
  if (file === undefined) throw policyErrors.POLICY_NO_DOCUMENT();
  return fileText(file);
}

export async function fileText(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > CEILINGS.bytesMax) throw new RangeError('larger than 12 MiB');
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'larger than 12 MiB';
    throw policyErrors.POLICY_FILE({ file, reason }, { cause });
  }
}
