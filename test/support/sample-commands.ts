import type { Command, Result } from '../../src/kernel/index.ts';
import { defineCommand } from '../../src/kernel/index.ts';

/** Commands of every shape, for the tests of this folder. */
export function sampleCommands(run: Command['run'] = (_, input) => answered({ input })): readonly Command[] {
  const common = { positionals: [], options: {}, role: 'read', where: 'here', run } as const;
  return [
    defineCommand({ ...common, words: 'start', summary: 'Start the gateway' }),
    defineCommand({ ...common, words: 'show ports', summary: 'Show the port table', where: 'running' }),
    defineCommand({ ...common, words: 'show config', summary: 'Show the configuration', where: 'either' }),
    defineCommand({ ...common, words: 'show config versions', summary: 'Show the versions' }),
    defineCommand({
      ...common,
      words: 'lookup',
      summary: "Ask what is known about a thing, the gateway's lists first",
      positionals: [
        { name: 'kind', help: 'What it is', choices: ['url', 'domain', 'ip'] },
        { name: 'value', help: 'The thing itself' },
      ],
      where: 'either',
      examples: ['lookup url http://example.com/', 'lookup ip 192.0.2.1'],
    }),
    defineCommand({
      ...common,
      words: 'feed import',
      summary: 'Import a list into a feed',
      positionals: [{ name: 'file', help: 'The list', file: true, rest: true }],
      options: {
        format: { help: 'Format of the list', value: 'FORMAT', choices: ['hosts', 'urls', 'csv'] },
        name: { help: 'Name of the feed', value: 'NAME', default: 'local' },
        tag: { help: 'Tag', value: 'TAG', repeat: true },
        replace: { help: 'Replace what is there' },
        notes: { help: 'File with notes', value: 'FILE', file: true },
      },
      role: 'admin',
      examples: ['feed import list.txt --format hosts'],
    }),
  ];
}

export function answered(document: unknown): Promise<Result> {
  return Promise.resolve({ document });
}
