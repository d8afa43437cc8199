import type { ModifyingAction } from './action.ts';

export const log: ModifyingAction<'log'> = {
  kind: 'modifying',
  name: 'log',
  about:
    'Detail of the access log: `none` (refusals are logged all the same), `normal`, or `full` (with user agent, referrer and media type). The first rule that says one wins',
  example: 'none',
  collect: (effects, _rule, detail) => void (effects.log ??= detail),
};
