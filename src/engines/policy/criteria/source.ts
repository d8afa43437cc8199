import { NetworkSet, parseNetwork } from '../../../kernel/index.ts';
import { defineCriterion, expanded, overFact, shown } from '../criterion.ts';

export const source = defineCriterion<readonly string[]>({
  name: 'source',
  about: 'Address of the client: networks in CIDR form, single addresses, or a list of `networks`',
  example: '[10.1.0.0/16, $branch-offices]',
  shape: {
    kind: 'texts',
    what: 'network',
    list: 'networks',
    check: (text) =>
      parseNetwork(text) === undefined
        ? 'is no network; write an address or CIDR, such as 10.0.0.0/8'
        : undefined,
  },
  compile(values, context) {
    const isIn = context.share(`source:${values.join()}`, () => remembering(expanded(values, context)));
    return overFact(0, ({ source: text }) => isIn(text), {
      what: 'source',
      value: ({ source: text }) => text,
      wanted: `in ${shown(values)}`,
    });
  },
  covers(wide, narrow, context) {
    const outer = expanded(wide, context).flatMap((text) => parseNetwork(text) ?? []);
    return expanded(narrow, context).every((text) => {
      const inner = parseNetwork(text);
      return outer.some(
        (each) => each.family === inner?.family && inner.first >= each.first && inner.last <= each.last,
      );
    });
  },
});

/** Rules ask for the same source one after the other. */
function remembering(networks: readonly string[]): (text: string) => boolean {
  const set = new NetworkSet(networks);
  let lastText: string | undefined;
  let last = false;
  return (text) => {
    if (text !== lastText) {
      last = set.hasText(text);
      lastText = text;
    }
    return last;
  };
}
