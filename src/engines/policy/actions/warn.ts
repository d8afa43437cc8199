import { plain } from '../decision.ts';
import { type DecidingAction, ruleSentence } from './action.ts';

export const warn: DecidingAction<'warn'> = {
  kind: 'deciding',
  name: 'warn',
  about:
    'Refuse it with a page from which a person may go on; remembered for 24 hours for this user (else this address) and this rule. A tunnel can show no page: there it is a refusal that says so, until the person has gone on over plain HTTP. Ends the list',
  example: '{ text: "This site is not for work." }',
  decide: (rule, page) => ({
    ...plain('block', rule.name, ['policy-warn', page.text ?? ruleSentence(rule, 'warns about')]),
    action: 'warn',
    page,
    line: rule.line,
  }),
};
