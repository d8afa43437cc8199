import { plain } from '../decision.ts';
import { type DecidingAction, ruleSentence } from './action.ts';

export const allow: DecidingAction<'allow'> = {
  kind: 'deciding',
  name: 'allow',
  about: 'Let it pass. Ends the list, also what the lists of indicators would say',
  example: 'true',
  decide: (rule) => ({
    ...plain('allow', rule.name, ['policy-rule', ruleSentence(rule, 'allows')]),
    line: rule.line,
  }),
};
