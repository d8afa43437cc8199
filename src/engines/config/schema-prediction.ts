import { z } from 'zod';
import { choice, count } from './keys.ts';

const mode = (about: string) => choice(['off', 'monitor', 'block'], 'monitor', { about });
const from = (about: string) => count(0, [0, 100], { about });

/** What the models of the gateway are asked, and what their answers are worth. */
export const prediction = z.strictObject({
  files: mode(
    'Whether models judge files that are scanned: `monitor` says what they say, `block` lets it decide the verdict',
  ),
  urls: mode(
    'Whether models judge URLs that no list knows: `monitor` says what they say, `block` lets it decide the verdict',
  ),
  suspiciousFrom: from(
    'Score from which a file is called suspicious; 0: the threshold of the model, made for 1 % of good files',
  ),
  maliciousFrom: from(
    'Score from which a file is called malicious; 0: the threshold of the model, made for 0.1 % of good files',
  ),
  urlCacheEntries: count(16_384, [0, 10_000_000], {
    about: 'URLs whose score an edge remembers, each up to 1 KiB; 0: every URL is scored each time',
  }),
  bulkItemsMax: count(1000, [1, 100_000], { about: 'Items of one request to POST /api/v1/predict' }),
  prevalenceEntries: count(100_000, [0, 10_000_000], {
    about:
      'Files of which is remembered when they were first seen, how often and from how many sources; 0: none',
  }),
});
