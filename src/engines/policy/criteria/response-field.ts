import { defineCriterion } from '../criterion.ts';
import { FACT } from '../facts.ts';
import type { FieldTest } from '../shape.ts';
import { fieldsTest } from './request-field.ts';

export const responseField = defineCriterion<readonly FieldTest[]>({
  name: 'response-field',
  about: 'A field of the response, with the same tests as `request-field`',
  example: '{ name: Content-Disposition, matches: "attachment*" }',
  knownFrom: 'response',
  shape: { kind: 'fields' },
  compile: (tests, context) =>
    fieldsTest(FACT['response-head'], 'response field', tests, context, (facts, name) =>
      facts.responseField?.(name),
    ),
});
