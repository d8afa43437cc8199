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
  VERDICT_NO_ADDRESS: {
    kind: 'config',
    message: '"{value}" is not an IP address',
    hint: 'Example: lookup ip 192.0.2.1',
  },
});
