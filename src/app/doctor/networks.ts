import { parseNetwork } from '../../kernel/index.ts';
import { type Check, ok, warning } from './finding.ts';

/** The ports are for internal networks: a prefix this short lets in more than anybody's own. */
const PREFIX_MIN = 8;

export const networkChecks: Check = ({ config }) => {
  const wide = config.networks.internal.filter((text) => {
    const network = parseNetwork(text);
    return network !== undefined && network.prefix < (text.includes(':') ? 7 : PREFIX_MIN);
  });
  return Promise.resolve(
    wide.length === 0
      ? [ok('networks', `${config.networks.internal.length} internal networks are served`)]
      : [
          warning(
            'networks',
            `networks.internal serves ${wide.join(', ')}: that is more than an internal network`,
            'name the networks of your clients in networks.internal',
          ),
        ],
  );
};
