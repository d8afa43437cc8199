import { defineErrors } from '../../kernel/index.ts';

export const lookAsideErrors = defineErrors({
  LOOK_ASIDE_TOKEN_FILE: {
    kind: 'config',
    message: 'lookAside.upstreams: the tokenFile of {upstream}, {file}, cannot be used ({why})',
    hint: 'its first line is the key; only the user that runs the gateway may read it (chmod 600)',
  },
  LOOK_ASIDE_CA_FILE: {
    kind: 'config',
    message: 'lookAside.upstreams: the caFile of {upstream}, {file}, cannot be read ({why})',
    hint: 'name a PEM file with the certificates of the authorities',
  },
  LOOK_ASIDE_LISTS_DAMAGED: {
    kind: 'unavailable',
    message: 'The hash prefixes of {feed} in {file} are damaged; the last good ones stay',
    hint: 'Fetch them again: feed sync {feed} --force',
  },
});
