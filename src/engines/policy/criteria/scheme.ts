import { defineCriterion, overFact, shown } from '../criterion.ts';

export const scheme = defineCriterion<readonly string[]>({
  name: 'scheme',
  about: 'Scheme of the URL; a tunnel counts as https',
  example: 'http',
  shape: { kind: 'choices', values: ['http', 'https', 'ftp', 'ws', 'wss'] },
  single: true,
  compile: (values) =>
    overFact(0, ({ scheme: name }) => (name === undefined ? undefined : values.includes(name)), {
      what: 'scheme',
      value: ({ scheme: name }) => name ?? '',
      wanted: shown(values),
    }),
});
