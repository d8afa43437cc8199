import { type Command, defineCommand, textOption } from '../../kernel/index.ts';
import type { JsonObject } from '../state/index.ts';
import type { ExportAdmin } from './admin.ts';

interface Engines {
  readonly exports: ExportAdmin;
}

/** TAXII collections that clients write to. Those that are read are the exports. */
export const collectionCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    words: 'collection add',
    summary: 'Add a TAXII collection that clients may write to; it becomes a feed of its name',
    positionals: [{ name: 'NAME', help: 'Alias of the collection, and name of the feed' }],
    options: {
      title: { help: 'Title, for people', value: 'TEXT' },
      description: { help: 'What it is for', value: 'TEXT' },
    },
    role: 'admin',
    where: 'either',
    examples: ['collection add partners --title "From our partners"'],
    run: async ({ exports }, input, io) => {
      const given = ['title', 'description'].flatMap((name) => {
        const text = textOption(input, name);
        return text === undefined ? [] : [[name, text] as const];
      });
      const document: JsonObject = Object.fromEntries(given);
      const added = await exports.addCollection(input.words['NAME'] ?? '', document, io.actor);
      const text = `The collection ${added.name} takes objects from tokens with scope intel-write.`;
      return { document: added, view: [{ kind: 'text', text }] };
    },
  }),
  defineCommand<Engines>({
    words: 'collection list',
    summary: 'List the TAXII collections that clients may write to',
    positionals: [],
    options: {},
    role: 'read',
    where: 'either',
    run: async ({ exports }) => {
      const list = await exports.collections();
      const columns = ['Collection', 'Title', 'Description'].map((title) => ({ title }));
      const rows = list.map((each) => [each.name, each.title, each.description]);
      return { document: list, view: [{ kind: 'table', columns, rows }] };
    },
  }),
  defineCommand<Engines>({
    words: 'collection remove',
    summary: 'Remove a TAXII collection with all that was written to it',
    positionals: [{ name: 'NAME', help: 'Name of the collection' }],
    options: {},
    role: 'admin',
    where: 'either',
    run: async ({ exports }, input, io) => {
      const removed = await exports.removeCollection(input.words['NAME'] ?? '', io.actor);
      return {
        document: { removed: removed.name },
        view: [{ kind: 'text', text: `The collection ${removed.name} and its feed are removed.` }],
      };
    },
  }),
];
