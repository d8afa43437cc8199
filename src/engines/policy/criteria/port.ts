import { anyFits, defineCriterion, overFact, shown } from '../criterion.ts';

export const port = defineCriterion<readonly string[]>({
  name: 'port',
  about: 'Port of the destination: numbers and ranges',
  example: '[443, 8000-8999]',
  shape: {
    kind: 'texts',
    what: 'port',
    check: (text) =>
      spanOf(text, 65_535) === undefined ? 'is no port from 1 to 65535 and no range of them' : undefined,
  },
  compile(values) {
    const spans = values.flatMap((text) => spanOf(text, 65_535) ?? []);
    const fits = anyFits(
      spans.map(
        ({ from, to }) =>
          (number: number) =>
            number >= from && number <= to,
      ),
    );
    return overFact(0, ({ port: number }) => fits(number), {
      what: 'port',
      value: ({ port: number }) => String(number),
      wanted: shown(values),
    });
  },
});

/** `443` or `8000-8999`. */
export function spanOf(
  text: string,
  max: number,
): { readonly from: number; readonly to: number } | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  return from >= 1 && from <= to && to <= max ? { from, to } : undefined;
}
