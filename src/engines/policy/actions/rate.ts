import type { ModifyingAction } from './action.ts';

export const rate: ModifyingAction<'rate'> = {
  kind: 'modifying',
  name: 'rate',
  about:
    'At most so many `requests` in the time `per` (1s), by `source` or `user` (source where nobody signed in), with a `burst` (as many as `requests`); more are refused with 429',
  example: '{ requests: 20, per: 1s, burst: 60, by: source }',
  collect(effects, rule, { requests, perMs, burst, by }) {
    const perSecond = (requests * 1000) / perMs;
    effects.rates.push({ rule: rule.name, perSecond, burst: burst ?? Math.max(1, requests), by });
  },
};
