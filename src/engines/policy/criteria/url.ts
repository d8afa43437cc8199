import {
  anyFits,
  type CompileContext,
  defineCriterion,
  expanded,
  oncePerFacts,
  overFact,
  shown,
} from '../criterion.ts';
import { FACT, type PolicyFacts } from '../facts.ts';
import { compileUrl, type SeenUrl, urlCovers, urlPattern, urlProblem } from '../urls.ts';

export const url = defineCriterion<readonly string[]>({
  name: 'url',
  about:
    'URL: a prefix such as `example.com/folder/`, or with `*` in the path a whole such as `*.example.com/*.exe`; compared in canonical form. A tunnel hides it',
  example: '[example.com/downloads/, "http://*.example.net/*.exe", $bad-pages]',
  knownFrom: 'request',
  shape: { kind: 'texts', what: 'URL pattern', list: 'urls', check: urlProblem },
  compile(values, context) {
    const fits = context.share(`url:${values.join()}`, () => oneOf(expanded(values, context)));
    const seen = seenUrlOnce(context);
    const find = (facts: PolicyFacts): boolean | undefined => {
      const one = seen(facts);
      return one === undefined ? undefined : fits(one);
    };
    return overFact(FACT.url, find, {
      what: 'URL',
      value: ({ host, path = '', query }) => `${host}${path}${query ? `?${query}` : ''}`,
      wanted: `among ${shown(values)}`,
    });
  },
  covers(wide, narrow, context) {
    const outer = expanded(wide, context).flatMap((text) => urlPattern(text) ?? []);
    return expanded(narrow, context).every((text) => {
      const inner = urlPattern(text);
      return inner !== undefined && outer.some((each) => urlCovers(each, inner));
    });
  },
});

/** The URL as patterns see it, made once for all who ask; `undefined` in a tunnel. */
export function seenUrlOnce({
  share,
}: Pick<CompileContext, 'share'>): (facts: PolicyFacts) => SeenUrl | undefined {
  return share('url', () => oncePerFacts(seenUrl));
}

function seenUrl({ scheme, host, port, path, query }: PolicyFacts): SeenUrl | undefined {
  if (path === undefined || host === '') return undefined;
  return {
    scheme,
    host,
    port,
    target: query === undefined || query === '' ? path : `${path}?${query}`,
  };
}

function oneOf(texts: readonly string[]): (seen: SeenUrl) => boolean {
  const exact = new Map<string, ((seen: SeenUrl) => boolean)[]>();
  const others: ((seen: SeenUrl) => boolean)[] = [];
  for (const text of texts) {
    const pattern = urlPattern(text);
    if (pattern === undefined) continue;
    const test = compileUrl(pattern);
    if (pattern.hostKind !== 'host') others.push(test);
    else exact.set(hostOf(pattern.host), [...(exact.get(hostOf(pattern.host)) ?? []), test]);
  }
  const other = anyFits(others);
  if (exact.size === 0) return other;
  return (seen) => exact.get(seen.host)?.some((test) => test(seen)) === true || other(seen);
}

function hostOf(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
