import type { Tlp } from '../../kernel/index.ts';
import { HASH_LENGTH, LIKELY_SAFE_TYPE, THREAT_TYPE } from '../../protocols/safe-browsing/index.ts';
import type { Threat } from './categories.ts';

/** Who asks: without a token only what may be told to everybody (TLP:CLEAR and GREEN) is given. */
export type Audience = 'open' | 'trusted';

interface ThreatNames {
  /** Position in state tokens: never reused. */
  readonly id: number;
  /** In version 5, and in answers of version 4. */
  readonly threatType: number;
  /** Name of the list in version 5. */
  readonly v5Name: string;
  readonly description: string;
}

export const THREAT_NAMES: Readonly<Record<Threat, ThreatNames>> = {
  malware: {
    id: 1,
    threatType: THREAT_TYPE.MALWARE,
    v5Name: 'mw-4b',
    description: 'Malware: sites that spread or control it',
  },
  'social-engineering': {
    id: 2,
    threatType: THREAT_TYPE.SOCIAL_ENGINEERING,
    v5Name: 'se-4b',
    description: 'Social engineering: phishing and scams',
  },
  'unwanted-software': {
    id: 3,
    threatType: THREAT_TYPE.UNWANTED_SOFTWARE,
    v5Name: 'uws-4b',
    description: 'Unwanted software',
  },
  'harmful-application': {
    id: 4,
    threatType: THREAT_TYPE.POTENTIALLY_HARMFUL_APPLICATION,
    v5Name: 'pha-4b',
    description: 'Potentially harmful applications',
  },
};

/** The list behind a threat type of version 4; browsers ask for social engineering under two numbers. */
export const THREAT_OF_V4_TYPE: ReadonlyMap<number, Threat> = new Map([
  [THREAT_TYPE.MALWARE, 'malware'],
  [THREAT_TYPE.SOCIAL_ENGINEERING, 'social-engineering'],
  [THREAT_TYPE.SOCIAL_ENGINEERING_INTERNAL, 'social-engineering'],
  [THREAT_TYPE.UNWANTED_SOFTWARE, 'unwanted-software'],
  [THREAT_TYPE.POTENTIALLY_HARMFUL_APPLICATION, 'harmful-application'],
]);

export const THREAT_OF_V5_NAME: ReadonlyMap<string, Threat> = new Map(
  Object.entries(THREAT_NAMES).map(([threat, { v5Name }]) => [v5Name, threat as Threat]),
);

/**
 * Names of lists that Google or a browser knows and this gateway has nothing for. They are answered as empty lists:
 * version 5 answers a request for several lists as a whole, and browsers ask for all that they know at once. An
 * empty global cache (`gc-32b`) only makes its clients ask for full hashes more often.
 */
export const EMPTY_V5_NAME = /^[a-z][a-z0-9]{0,15}-(?:4|8|16|32)b$/;

/** What `hashLists` says of each list. */
export const V5_METADATA = [
  ...Object.values(THREAT_NAMES).map(({ v5Name, description, threatType }) => ({
    name: v5Name,
    metadata: { threatTypes: [threatType], description, hashLength: HASH_LENGTH.FOUR_BYTES },
  })),
  {
    name: 'gc-32b',
    metadata: {
      likelySafeTypes: [LIKELY_SAFE_TYPE.GENERAL_BROWSING],
      description: 'Global cache of likely safe sites; empty here',
      hashLength: HASH_LENGTH.THIRTY_TWO_BYTES,
    },
  },
];

/** TLP:AMBER and above is told only to those who show a token. */
export function isTold(audience: Audience, tlp: Tlp): boolean {
  return audience === 'trusted' || tlp === 'clear' || tlp === 'green';
}
