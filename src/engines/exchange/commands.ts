import {
  defineCommand,
  listOption,
  textOption,
  type Cell,
  type DoorName,
  type View,
} from '../../kernel/index.ts';
import { EXPLAINED_DOORS, type Explain, type Explained } from './explain.ts';

export const explainCommand = defineCommand<{ readonly explain: Explain }>({
  words: 'explain url',
  summary: 'Say what the gateway would do with a URL, by which rule, list and entry',
  positionals: [{ name: 'URL', help: 'as a browser would write it' }],
  options: {
    user: { help: 'who asks', value: 'NAME' },
    group: { help: 'a group of whoever asks', value: 'NAME', repeat: true },
    source: { help: 'address of the client', value: 'IP', default: '127.0.0.1' },
    door: {
      help: 'where the request comes in',
      value: 'DOOR',
      choices: EXPLAINED_DOORS,
      default: 'forward-proxy',
    },
  },
  role: 'read',
  where: 'either',
  examples: ['explain url http://example.com/', 'explain url https://example.com/ --source 10.1.2.3 --json'],
  async run({ explain }, input) {
    const user = textOption(input, 'user');
    const groups = listOption(input, 'group');
    const source = textOption(input, 'source');
    const door = textOption(input, 'door');
    const answer = await explain({
      url: input.words['URL'] ?? '',
      ...(user === undefined ? {} : { user }),
      ...(groups.length === 0 ? {} : { groups }),
      ...(source === undefined ? {} : { source }),
      // The command line has checked it against the choices.
      ...(door === undefined ? {} : { door: door as DoorName }),
    });
    return { document: answer, view: viewOf(answer) };
  },
});

function viewOf(answer: Explained): readonly View[] {
  const { match, needs = [], scan, monitored = [] } = answer;
  const decision: Cell = {
    text: answer.action ?? answer.decision,
    tone: answer.decision === 'block' ? 'bad' : 'good',
  };
  const more: readonly (readonly [string, Cell])[] = [
    ...(needs.length === 0 ? [] : [['provisional until', needs.join(', ')] as const]),
    ...(scan === undefined ? [] : [['scan', scan] as const]),
    ...(monitored.length === 0 ? [] : [['monitored by', monitored.join(', ')] as const]),
  ];
  const listed: readonly (readonly [string, Cell])[] =
    match === undefined
      ? []
      : [
          ['list', match.feed],
          ['entry', match.entry],
          ['category', match.category],
          ['severity', match.severity],
          ['since', match.addedAt],
          ...(match.licence === '' ? [] : [['licence', match.licence] as const]),
        ];
  return [
    {
      kind: 'facts',
      facts: [
        ['decision', decision],
        ['rule', answer.rule],
        ['reason', answer.reasons.join(': ')],
        ...listed,
        ...more,
      ],
    },
    {
      kind: 'table',
      columns: [{ title: 'RULE' }, { title: 'LINE', align: 'right' }, { title: 'MATCHED' }, { title: 'WHY' }],
      rows: answer.tried.map(({ rule, matched, why, line }) => [
        rule,
        line ?? '',
        matched ? { text: 'yes', tone: 'strong' } : { text: 'no', tone: 'dim' },
        why,
      ]),
    },
  ];
}
