import { PORT_TABLE } from '../../../kernel/index.ts';
import { defineCriterion, overFact, shown } from '../criterion.ts';

const DOORS = [...new Set(PORT_TABLE.map((row) => row.door))];

export const door = defineCriterion<readonly string[]>({
  name: 'door',
  about: 'Where the request came in',
  example: '[forward-proxy, icap]',
  shape: { kind: 'choices', values: DOORS },
  single: true,
  compile: (values) =>
    overFact(0, ({ door: name }) => (name === undefined ? undefined : values.includes(name)), {
      what: 'door',
      value: ({ door: name }) => name ?? '',
      wanted: shown(values),
    }),
});
