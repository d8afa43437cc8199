import { defineCriterion, overFact, shown } from '../criterion.ts';
import { FACT, type PolicyFacts } from '../facts.ts';

export const fileType = defineCriterion<readonly string[]>({
  name: 'file-type',
  about:
    'What the body is by its content, whatever it is called: short names such as `pe`, `zip`, `pdf`, or families: `executable`, `archive`, `document`, `script`, `image`, `media`, `text`, `disk-image`, `mail`, `other`',
  example: '[executable, zip]',
  knownFrom: 'request-body',
  shape: {
    kind: 'texts',
    what: 'file type',
    lower: true,
    check: (text) =>
      /^[a-z0-9][a-z0-9.+-]{0,63}$/i.test(text)
        ? undefined
        : 'is no name of a file type; write pe, zip or executable',
  },
  compile(values) {
    const names = new Set(values);
    return overFact(
      FACT['file-type'],
      (facts) => {
        const type = seen(facts);
        return type === undefined ? undefined : names.has(type.name) || names.has(type.family);
      },
      {
        what: 'file type',
        value: (facts) => `${seen(facts)?.name} (${seen(facts)?.family})`,
        wanted: shown(values),
      },
    );
  },
});

function seen(facts: PolicyFacts) {
  return facts.file?.type ?? facts.fileType;
}
