import { defineCommand, type Command, type Result } from '../../kernel/index.ts';
import { sshErrors } from './errors.ts';

/** What a prompt lends to the commands that are about itself. */
export interface Shell {
  readonly history: readonly string[];
  enable(): Promise<void>;
  disable(): void;
  exit(): void;
  /** Rows before `--More--`; 0: never. */
  setLength(rows: number): void;
  setWidth(columns: number): void;
}

const common = { positionals: [], options: {}, role: 'read', where: 'shell' } as const;
const NOTHING: Result = { document: {}, view: [] };
const SIZE_MAX = 512;

function numberIn(text: string | undefined, what: string): number {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text ?? '') || value > SIZE_MAX) {
    throw sshErrors.SSH_TERMINAL_NUMBER({ value: text, what });
  }
  return value;
}

/** Commands of the prompt itself. */
export const shellCommands: readonly Command<Shell>[] = [
  defineCommand<Shell>({
    ...common,
    words: 'enable',
    summary: 'Go to the admin mode, in which commands may change something',
    async run(shell) {
      await shell.enable();
      return NOTHING;
    },
  }),
  defineCommand<Shell>({
    ...common,
    words: 'disable',
    summary: 'Go back to the view mode',
    run(shell) {
      shell.disable();
      return Promise.resolve(NOTHING);
    },
  }),
  defineCommand<Shell>({
    ...common,
    words: 'exit',
    summary: 'Leave the admin mode, or end the session',
    run(shell) {
      shell.exit();
      return Promise.resolve(NOTHING);
    },
  }),
  defineCommand<Shell>({
    ...common,
    words: 'history',
    summary: 'Show the lines of this session, the newest last',
    positionals: [{ name: 'count', help: 'How many', optional: true }],
    examples: ['history', 'history 20'],
    run(shell, { words }) {
      const count = words['count'] === undefined ? Infinity : numberIn(words['count'], 'lines');
      const first = Math.max(0, shell.history.length - count);
      const rows = shell.history.slice(first).map((line, at) => [first + at + 1, line] as const);
      return Promise.resolve({
        document: rows.map(([number, line]) => ({ number, line })),
        view: [{ kind: 'table', columns: [{ title: '', align: 'right' }, { title: '' }], rows }],
      });
    },
  }),
  defineCommand<Shell>({
    ...common,
    words: 'terminal length',
    summary: 'Set after how many rows an answer stops; 0: never',
    positionals: [{ name: 'rows', help: 'Rows of a page, or 0' }],
    examples: ['terminal length 0'],
    run(shell, { words }) {
      shell.setLength(numberIn(words['rows'], 'rows'));
      return Promise.resolve(NOTHING);
    },
  }),
  defineCommand<Shell>({
    ...common,
    words: 'terminal width',
    summary: 'Set the width that answers are fitted to',
    positionals: [{ name: 'columns', help: 'Columns' }],
    examples: ['terminal width 120'],
    run(shell, { words }) {
      shell.setWidth(Math.max(20, numberIn(words['columns'], 'columns')));
      return Promise.resolve(NOTHING);
    },
  }),
];
