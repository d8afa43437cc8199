import { defineCommand, textOption, type Cell, type DoorName, type View } from '../../kernel/index.ts';
import { EXPLAINED_DOORS, type Explain } from './explain.ts';

export const explainCommand = defineCommand<{ readonly explain: Explain }>({
  words: 'explain url',
  summary: 'Say what the gateway would do with a URL, by which rule, list and entry',
  positionals: [{ name: 'URL', help: 'as a browser would write it' }],
  options: {
    user: { help: 'who asks', value: 'NAME' },
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
  run({ explain }, input) {
    const user = textOption(input, 'user');
    const source = textOption(input, 'source');
    const door = textOption(input, 'door');
    const answer = explain({
      url: input.words['URL'] ?? '',
      ...(user === undefined ? {} : { user }),
      ...(source === undefined ? {} : { source }),
      // The command line has checked it against the choices.
      ...(door === undefined ? {} : { door: door as DoorName }),
    });
    return Promise.resolve({ document: answer, view: viewOf(answer) });
  },
});

function viewOf(answer: ReturnType<Explain>): readonly View[] {
  const { match } = answer;
  const decision: Cell = { text: answer.decision, tone: answer.decision === 'block' ? 'bad' : 'good' };
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
      ],
    },
    {
      kind: 'table',
      columns: [{ title: 'RULE' }, { title: 'MATCHED' }, { title: 'WHY' }],
      rows: answer.tried.map(({ rule, matched, why }) => [
        rule,
        matched ? { text: 'yes', tone: 'strong' } : { text: 'no', tone: 'dim' },
        why,
      ]),
    },
  ];
}
