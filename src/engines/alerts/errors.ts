import { defineErrors } from '../../kernel/index.ts';

export const alertErrors = defineErrors({
  ALERT_UNKNOWN: {
    kind: 'config',
    message: 'There is no alert rule "{name}"',
    hint: 'See: alert list',
    exit: 7,
  },
  ALERT_BUILT_IN: {
    kind: 'refused',
    message: 'The alert rule "{name}" is built in and cannot be removed',
    hint: 'Silence it (alert silence {name} --for 30d), or add a rule of the same name, which replaces it',
  },
  ALERT_NAME: {
    kind: 'config',
    message: '"{name}" is no name of an alert rule',
    hint: 'Use a-z, 0-9, dot, hyphen and underscore, at most 64 characters',
  },
  ALERT_EXISTS: {
    kind: 'refused',
    message: 'There is an alert rule "{name}" already',
    hint: 'Remove it first: alert remove {name}',
  },
  ALERT_VALUE: {
    kind: 'config',
    message: 'The alert rule cannot be as it is written: {path}: {reason}',
    hint: 'See: help alert add',
  },
  ALERT_SILENCE: {
    kind: 'config',
    message: '"{text}" is no length of time',
    hint: 'Write it with its unit, from 1m to 365d, such as 2h',
  },
  ALERT_SECRET: {
    kind: 'config',
    message: 'The secret in {file} cannot be read ({problem})',
    hint: 'Its first line is the secret; the user that runs the gateway must be able to read it',
  },
  ALERT_SECRET_SEALED: {
    kind: 'unavailable',
    message: 'The secret of the alert rule "{name}" was sealed with another master.key',
    hint: 'Remove the rule and add it with --secret-file again',
  },
  ALERT_NOBODY: {
    kind: 'refused',
    message: 'The alert rule "{name}" tells nobody',
    hint: 'Give it --mail, --webhook or --target, or set alerts.mail for all rules',
  },
});
