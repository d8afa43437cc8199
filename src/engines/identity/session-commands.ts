import { type Command, defineCommand } from '../../kernel/index.ts';
import type { SessionRegistry } from './sessions.ts';

interface Engines {
  readonly sessions: SessionRegistry;
}

export const sessionCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'show sessions',
    summary: 'Show who is signed in to the console or over SSH',
    positionals: [],
    options: {},
    role: 'read',
    where: 'running',
    async run({ sessions }) {
      const rows = (await sessions.list()).map(({ id, kind, user, role, source, ...times }) => ({
        id,
        kind,
        user,
        role,
        source,
        startedAt: new Date(times.startedAtMs).toISOString(),
        lastSeenAt: new Date(times.lastSeenAtMs).toISOString(),
      }));
      const columns = ['id', 'kind', 'user', 'role', 'source', 'since', 'last seen'];
      return {
        document: rows,
        view: [
          {
            kind: 'table',
            columns: columns.map((title) => ({ title })),
            rows: rows.map((row) => Object.values(row)),
          },
        ],
      };
    },
  }),
  defineCommand<Engines>({
    words: 'session close',
    summary: 'End a session of the console or of SSH; it is over everywhere when the command returns',
    positionals: [{ name: 'ID', help: 'As `show sessions` shows it', suggest: 'session' }],
    options: {},
    role: 'admin',
    where: 'running',
    examples: ['session close 5f2c8a9b01d4e6f7'],
    async run({ sessions }, { words }, { actor }) {
      const id = words['ID'] ?? '';
      await sessions.close(id, actor);
      return { document: { closed: id }, view: [{ kind: 'text', text: `The session ${id} is over.` }] };
    },
  }),
];
