import { defineCriterion, expanded, overFact, shown } from '../criterion.ts';
import { compileHosts, hostCovers, hostPattern, hostProblem } from '../hosts.ts';

export const host = defineCriterion<readonly string[]>({
  name: 'host',
  about:
    'Destination: `www.example.com` is that host alone, `*.example.com` every host below it, `10.0.0.0/8` addresses; each with an optional `:port` or `:from-to`',
  example: '["*.example.com", example.com, "192.0.2.0/24:8443", $partners]',
  shape: { kind: 'texts', what: 'host pattern', list: 'hosts', check: hostProblem },
  compile(values, context) {
    const find = context.share(`host:${values.join()}`, () => compileHosts(expanded(values, context)));
    return overFact(0, ({ host: name, port }) => (name === '' ? undefined : find(name, port) !== undefined), {
      what: 'host',
      value: ({ host: name, port }) => `${name}:${port}`,
      wanted: `among ${shown(values)}`,
    });
  },
  covers(wide, narrow, context) {
    const outer = expanded(wide, context).flatMap((text) => hostPattern(text) ?? []);
    return expanded(narrow, context).every((text) => {
      const inner = hostPattern(text);
      return inner !== undefined && outer.some((each) => hostCovers(each, inner));
    });
  },
});
