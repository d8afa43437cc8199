import { type Command, defineCommand } from '../../kernel/index.ts';
import { diffLine, diffOf } from './diff.ts';
import { stateErrors } from './errors.ts';
import type { State } from './state.ts';

interface Engines {
  readonly state: State;
}

/** One version of the configuration, and how two differ. */
export const versionCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'show config version',
    summary: 'Show one version of the configuration with its whole document',
    positionals: [{ name: 'number', help: 'Number of the version' }],
    options: {},
    role: 'read',
    where: 'either',
    examples: ['show config version 12'],
    async run({ state }, { words }) {
      const { atMs, ...version } = await state.version(numberOf(words['number']));
      return { document: { at: new Date(atMs).toISOString(), ...version } };
    },
  }),
  defineCommand<Engines>({
    words: 'config diff',
    summary: 'Show what a version of the configuration changed, or how it differs from another one',
    positionals: [
      { name: 'from', help: 'Number of the version' },
      { name: 'to', help: 'The other one; without it: what the version itself changed', optional: true },
    ],
    options: {},
    role: 'read',
    where: 'either',
    examples: ['config diff 12', 'config diff 9 12'],
    async run({ state }, { words }) {
      const first = numberOf(words['from']);
      const given = words['to'] === undefined ? undefined : numberOf(words['to']);
      const from = given === undefined ? first - 1 : first;
      const to = given ?? first;
      // Its own change is kept with it, also when the version before has been removed.
      const diff =
        given === undefined
          ? (await state.version(to)).diff
          : diffOf((await state.version(from)).document, (await state.version(to)).document);
      return {
        document: { from, to, diff },
        view: [{ kind: 'text', text: diff.length === 0 ? 'no difference' : diff.map(diffLine).join('\n') }],
      };
    },
  }),
];

function numberOf(text = ''): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw stateErrors.STATE_VERSION_UNKNOWN({ number: text.slice(0, 20), oldest: 'shown there' });
}
