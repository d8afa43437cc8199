import type { ModifyingAction } from './action.ts';

export const monitor: ModifyingAction<'monitor'> = {
  kind: 'modifying',
  name: 'monitor',
  about: 'Record that the rule fitted (access log, event, metric) and go on: to try a rule before it decides',
  example: 'true',
  collect: (effects, rule) => void effects.monitored.push(rule.name),
};
