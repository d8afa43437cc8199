import { anyFits, defineCriterion, overFact, shown } from '../criterion.ts';
import { FACT, type Phase, type PolicyFacts } from '../facts.ts';
import { compileGlob } from '../glob.ts';
import { mediaTypeOf } from './texts.ts';

export const mediaType = defineCriterion<readonly string[]>({
  name: 'media-type',
  about: 'What the message says that its body is (Content-Type); of the request until the response is there',
  example: '["image/*", application/pdf]',
  shape: {
    kind: 'texts',
    what: 'media type',
    lower: true,
    check: (text) =>
      /^[a-z0-9!#$&^_.+*-]{1,127}\/[a-z0-9!#$&^_.+*-]{1,127}$/i.test(text)
        ? undefined
        : 'is no media type; write application/pdf or image/*',
  },
  compile(values) {
    const fits = anyFits(values.map((text) => compileGlob(text)));
    return overFact(
      FACT['response-head'],
      (facts, phase) => {
        const type = seen(facts, phase);
        return type === undefined ? (isResponse(phase) ? false : undefined) : fits(type);
      },
      { what: 'media type', value: (facts, phase) => seen(facts, phase) ?? '(none)', wanted: shown(values) },
    );
  },
});

function isResponse(phase: Phase): boolean {
  return phase === 'response' || phase === 'response-body';
}

function seen(facts: PolicyFacts, phase: Phase): string | undefined {
  return mediaTypeOf(
    isResponse(phase) ? facts.responseField?.('content-type') : facts.requestField?.('content-type'),
  );
}
