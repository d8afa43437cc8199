import { type Command, defineCommand, formatBytes, type Result, textOption } from '../../kernel/index.ts';
import type { RuleSets, RuleSetView } from './rule-sets.io.ts';

export interface ScanRuleEngines {
  readonly scanRules: RuleSets;
}

const add = defineCommand<ScanRuleEngines>({
  words: 'scan rules add',
  summary: 'Take a set of YARA rules, or replace the set of that name; one mistake refuses it whole',
  positionals: [
    { name: 'FILE', help: 'A rule file, a folder of rule files, or a ZIP archive of them', file: true },
  ],
  options: { name: { help: 'Name of the set; default: from the name of the file', value: 'NAME' } },
  role: 'admin',
  where: 'either',
  examples: ['scan rules add office.yar', 'scan rules add signature-base.zip --name signature-base'],
  run: async ({ scanRules }, input) => {
    const view = await scanRules.add(input.words['FILE'] ?? '', textOption(input, 'name'));
    return {
      document: view,
      view: [{ kind: 'text', text: `The set ${view.name} with ${view.rules} rules is in force.` }],
    };
  },
});

const list = defineCommand<ScanRuleEngines>({
  words: 'scan rules list',
  summary: 'List the sets of YARA rules that files are matched with',
  positionals: [],
  options: {},
  role: 'read',
  where: 'either',
  run: async ({ scanRules }) => listed(scanRules.list(), scanRules.version()),
});

const remove = defineCommand<ScanRuleEngines>({
  words: 'scan rules remove',
  summary: 'Remove a set of YARA rules',
  positionals: [{ name: 'NAME', help: 'Name of the set' }],
  options: {},
  role: 'admin',
  where: 'either',
  run: async ({ scanRules }, input) => {
    const name = input.words['NAME'] ?? '';
    await scanRules.remove(name);
    return { document: { removed: name }, view: [{ kind: 'text', text: `The set ${name} is removed.` }] };
  },
});

function listed(sets: readonly RuleSetView[], version: string): Result {
  return {
    document: { version, sets },
    view: [
      {
        kind: 'table',
        columns: [
          { title: 'set' },
          { title: 'files', align: 'right' },
          { title: 'rules', align: 'right' },
          { title: 'size', align: 'right' },
          { title: 'version' },
        ],
        rows: sets.map(({ name, files, rules, bytes, version: own }) => [
          name,
          files,
          rules,
          formatBytes(bytes),
          own,
        ]),
      },
    ],
  };
}

export const scanRuleCommands: readonly Command<ScanRuleEngines>[] = [add, list, remove];
