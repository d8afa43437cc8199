import { defineErrors } from '../../kernel/index.ts';

export const targetErrors = defineErrors({
  LOG_TARGET_INVALID: {
    kind: 'config',
    message: 'the log target {name} cannot be taken: {reason}',
    hint: 'for example: log target add siem --url syslog+tls://siem.example:6514 --format cef --ca-file ca.pem',
  },
  LOG_TARGET_UNKNOWN: {
    kind: 'refused',
    message: 'there is no log target {name}',
    hint: 'see: log target list',
  },
  LOG_TARGET_EXISTS: {
    kind: 'refused',
    message: 'there is a log target {name} already',
    hint: 'remove it first, or choose another name',
  },
  LOG_TARGETS_MAX: {
    kind: 'limit',
    message: 'there are {count} log targets already',
    hint: 'remove one, or raise logTargets.targetsMax',
  },
  LOG_TARGET_TEST: {
    kind: 'unavailable',
    message: 'the log target {name} did not take a message: {reason}',
    hint: 'look at its address, its certificate (--ca-file) and the firewall between; then: log target test {name}',
  },
});
