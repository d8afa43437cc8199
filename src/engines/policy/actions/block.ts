import { plain } from '../decision.ts';
import { type DecidingAction, ruleSentence } from './action.ts';

export const block: DecidingAction<'block'> = {
  kind: 'deciding',
  name: 'block',
  about: 'Refuse it, with a page. `status` (403), `title` and `text` of the page may be given. Ends the list',
  example: '{ status: 451, title: Not in this country, text: "Ask the legal department." }',
  decide: (rule, page) => ({
    ...plain('block', rule.name, ['policy-rule', page.text ?? ruleSentence(rule, 'blocks')]),
    page,
    line: rule.line,
  }),
};
