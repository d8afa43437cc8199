import { defineErrors } from '../../kernel/index.ts';

export const verdictErrors = defineErrors({
  VERDICT_NO_URL: {
    kind: 'config',
    message: '"{value}" is not a URL',
    hint: 'Example: lookup url http://example.com/path',
  },
  VERDICT_NO_DOMAIN: {
    kind: 'config',
    message: '"{value}" is not a domain name',
    hint: 'Example: lookup domain example.com',
  },
  VERDICT_NO_HASH: {
    kind: 'config',
    message: '"{value}" is not the hash of a file',
    hint: 'Give an MD5, SHA-1 or SHA-256 in hexadecimal, for example from: sha256sum FILE',
  },
  VERDICT_NO_EMAIL: {
    kind: 'config',
    message: '"{value}" is not a mail address',
    hint: 'Example: lookup email billing@example.com',
  },
  VERDICT_NO_ADDRESS: {
    kind: 'config',
    message: '"{value}" is not an IP address',
    hint: 'Example: lookup ip 192.0.2.1',
  },
});
