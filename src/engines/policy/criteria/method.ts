import { defineCriterion, overFact, shown } from '../criterion.ts';

export const method = defineCriterion<readonly string[]>({
  name: 'method',
  about: 'Method of the request, in its own case; `CONNECT` is a tunnel',
  example: '[POST, PUT]',
  shape: {
    kind: 'texts',
    what: 'method',
    check: (text) => (/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(text) ? undefined : 'is no HTTP method'),
  },
  single: true,
  compile: (values) =>
    overFact(0, ({ method: name }) => values.includes(name), {
      what: 'method',
      value: ({ method: name }) => name,
      wanted: shown(values),
    }),
});
