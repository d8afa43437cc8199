import { defineCriterion, overFact, shown } from '../criterion.ts';
import { FACT } from '../facts.ts';
import { spanOf } from './port.ts';

export const status = defineCriterion<readonly string[]>({
  name: 'status',
  about: 'Status of the response: numbers, ranges and classes',
  example: '[404, 5xx, 301-308]',
  knownFrom: 'response',
  shape: {
    kind: 'texts',
    what: 'status',
    check: (text) => (statusSpan(text) === undefined ? 'is no status; write 404, 5xx or 301-308' : undefined),
  },
  compile(values) {
    const spans = values.flatMap((text) => statusSpan(text) ?? []);
    return overFact(
      FACT['response-head'],
      ({ status: code }) =>
        code === undefined ? undefined : spans.some(({ from, to }) => code >= from && code <= to),
      { what: 'status', value: ({ status: code }) => String(code), wanted: shown(values) },
    );
  },
});

function statusSpan(text: string): { readonly from: number; readonly to: number } | undefined {
  const family = /^([1-5])xx$/i.exec(text);
  if (family !== null) return { from: Number(family[1]) * 100, to: Number(family[1]) * 100 + 99 };
  const span = spanOf(text, 599);
  return span !== undefined && span.from >= 100 ? span : undefined;
}
