import { defineErrors, EXIT } from '../../kernel/index.ts';

export const policyErrors = defineErrors({
  POLICY_INVALID: {
    kind: 'config',
    message: 'the policy has {count} and was not put in force:\n{text}',
    hint: 'Correct the places above; docs/reference/policy.md has every criterion and action. The policy before stays in force',
    exit: EXIT.usage,
  },
  POLICY_TOO_LARGE: {
    kind: 'config',
    message: 'the policy is too large for the way to the edges ({bytes} bytes, at most {max})',
    hint: 'Make feeds of its lists, and write no list several times by aliases of YAML',
    exit: EXIT.usage,
  },
  POLICY_FILE: {
    kind: 'config',
    message: 'the file {file} cannot be read ({reason})',
    hint: 'It must be a text file of at most 12 MiB (and policy.bytesMax) that the user who runs the gateway may read',
    exit: EXIT.usage,
  },
  POLICY_NO_DOCUMENT: {
    kind: 'config',
    message: 'there is no document to work on',
    hint: 'Name a file, or give the text with --text',
    exit: EXIT.usage,
  },
  POLICY_TIME: {
    kind: 'config',
    message: '{value} is no time to confirm in',
    hint: 'Write a length of time from 10s to 24h, such as 5m',
    exit: EXIT.usage,
  },
  POLICY_VERSION_UNKNOWN: {
    kind: 'refused',
    message: 'no policy was stored with version {version}',
    hint: '`sallyport policy versions` lists them',
  },
  POLICY_NOTHING_TO_CONFIRM: {
    kind: 'refused',
    message: 'no policy waits to be confirmed',
    hint: '`sallyport policy show` says what is in force; a policy that was not confirmed in time has been taken back',
  },
  POLICY_UNREADABLE: {
    kind: 'unavailable',
    message: 'the stored policy cannot be read by this release: {reason}',
    hint: 'Apply a corrected document with `sallyport policy apply`; until then the policy before, else the default, is in force',
  },
});
