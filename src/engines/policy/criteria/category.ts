import { defineCriterion, overFact, shown } from '../criterion.ts';
import { lineProblem } from './texts.ts';

export const category = defineCriterion<readonly string[]>({
  name: 'category',
  about:
    'A list has the destination under this category, in any case; whether it blocks, allows or only labels',
  example: '[phishing, social-networks]',
  shape: { kind: 'texts', what: 'category', lower: true, check: lineProblem },
  compile(values) {
    const names = new Set(values);
    return overFact(0, (facts) => facts.verdict().matches.some((match) => names.has(lower(match.category))), {
      what: 'category',
      value: (facts) => categoriesText(facts.verdict().matches),
      wanted: `among ${shown(values)}`,
    });
  },
});

/** Most categories are lower case already. */
export function lower(text: string): string {
  return text.toLowerCase();
}

function categoriesText(matches: readonly { readonly category: string }[]): string {
  const found = [...new Set(matches.map((match) => match.category))].filter((name) => name !== '');
  return found.length === 0 ? '(none)' : found.join(', ');
}
