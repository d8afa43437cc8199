import { z } from 'zod';
import { count, duration, size, texts } from './keys.ts';

const terms = (value: readonly string[], about: string) =>
  texts(value, 'categories', (text) => (TERM.test(text) ? undefined : TERM_RULE), { about });

const TERM = /^[^\s*\p{Cc}][^*\p{Cc}]{0,63}\*?$|^$/u;
const TERM_RULE = 'must be a category, or the start of a word of categories followed by *';

/** Lists of hash prefixes for browsers and other Safe Browsing clients. */
export const safeBrowsing = z.strictObject({
  minimumWait: duration('30m', ['1m', '1d'], {
    about:
      "Clients come back for new lists after this time at the earliest; Google's answers say about as much",
  }),
  cacheTtl: duration('5m', ['0s', '1d'], {
    about: 'How long a client may take a threat for one without asking; Google says 5 minutes',
  }),
  negativeCacheTtl: duration('5m', ['0s', '1d'], {
    about:
      'How long a client may take a hash prefix for harmless; what is imported meanwhile does not stop it',
  }),
  entriesMax: count(1_048_576, [1024, 16_777_216], {
    about:
      'Entries of one list; of longer ones the most severe are given. 2^20 entries are about 1.8 MB of download and cost a browser as much memory',
  }),
  prefixesMax: count(1000, [1, 10_000], {
    about: 'Hash prefixes of one request for full hashes; Google takes 500 (v4) and 1000 (v5)',
  }),
  urlsMax: count(500, [1, 10_000], {
    about: 'URLs of one request for threat matches; Google takes 500 (v4) and 50 (v5)',
  }),
  versionsBytesMax: size('64MiB', ['1MiB', '4GiB'], {
    about: 'Memory of one edge for lists that clients may still have, so that they are told differences only',
  }),
  answersBytesMax: size('16MiB', ['1MiB', '1GiB'], {
    about: 'Memory of one edge for encoded updates, which many clients ask for in the same words',
  }),
  socialEngineering: terms(
    ['phish*', 'scam*', 'fraud*', 'spoof*', 'typosquat*', 'social-engineering', 'social_engineering'],
    'Categories on the list of social engineering (SOCIAL_ENGINEERING, se-4b)',
  ),
  unwantedSoftware: terms(
    [
      'adware*',
      'pup',
      'pua',
      'riskware*',
      'greyware*',
      'grayware*',
      'unwanted*',
      'cryptojack*',
      'cryptomin*',
      'coinmin*',
    ],
    'Categories on the list of unwanted software (UNWANTED_SOFTWARE, uws-4b), at any severity',
  ),
  harmfulApplications: terms(
    ['stalkerware*', 'android*', 'pha'],
    'Categories on the list of harmful applications (POTENTIALLY_HARMFUL_APPLICATION, pha-4b)',
  ),
  unlisted: terms(
    [
      'adult',
      'agressif',
      'ai',
      'astrology',
      'audio-video',
      'bank',
      'bitcoin',
      'blog',
      'celebrity',
      'chat',
      'child',
      'cleaning',
      'cooking',
      'dangerous_material',
      'dating',
      'dialer',
      'doh',
      'download',
      'drogue',
      'dynamic-dns',
      'educational_games',
      'fakenews',
      'filehosting',
      'financial',
      'forums',
      'gambling',
      'games',
      'hacking',
      'jobsearch',
      'lingerie',
      'liste_blanche',
      'manga',
      'marketingware',
      'mixed_adult',
      'mobile-phone',
      'press',
      'publicite',
      'radio',
      'reaffected',
      'remote-control',
      'sect',
      'sexual_education',
      'shopping',
      'shortener',
      'social_networks',
      'sports',
      'translation',
      'update',
      'vpn',
      'warez',
      'webhosting',
      'webmail',
      'ads',
      'advertising',
      'tracking',
      'tracker',
      'trackers',
      'spam',
    ],
    'Categories on no list; the default names the content categories of the University of Toulouse. All others are malware (MALWARE, mw-4b) from severity medium on',
  ),
});
