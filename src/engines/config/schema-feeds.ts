import { z } from 'zod';
import { count, duration, size } from './keys.ts';

/** How subscribed feeds are fetched; which ones is no setting but state: `feed add`. */
export const feeds = z.strictObject({
  fetchesMax: count(4, [1, 32], { about: 'Feeds fetched at once; imports run one after the other' }),
  jitterPercent: count(10, [0, 100], {
    about: 'Share of the interval by which fetches are spread, so that gateways do not come all at once',
  }),
  backoffMin: duration('1m', ['1s', '1h'], {
    about: 'Wait after the first failure; doubled with each that follows',
  }),
  backoffMax: duration('6h', ['1s', '7d'], { about: 'Longest wait after failures' }),
  retryAfterMax: duration('1d', ['1s', '30d'], {
    about: 'Longest wait that a server may ask for with Retry-After (RFC 9110 §10.2.3)',
  }),
  connect: duration('30s', ['100ms', '5m'], {
    about: 'TLS handshake; egress.connect is for the connection before it',
  }),
  responseHead: duration('60s', ['1s', '1h'], { about: 'From the request to the head of the answer' }),
  idle: duration('60s', ['1s', '1h'], { about: 'Silence in a body' }),
  total: duration('1h', ['1s', '1d'], { about: 'One fetch with all its requests, without the import' }),
  redirectsMax: count(5, [0, 20], {
    about: 'Redirects of one request; credentials do not follow to another origin',
  }),
  downloadBytesMax: size('1GiB', ['1KiB', '64GiB'], { about: 'One answer, as it comes over the network' }),
  expandedBytesMax: size('4GiB', ['1KiB', '256GiB'], { about: 'One answer, unpacked' }),
  expansionMax: count(100, [2, 10_000], {
    about: 'How many times its size an answer may unpack to; lists reach 10 to 20 with gzip',
  }),
  documentBytesMax: size('64MiB', ['1KiB', '1GiB'], {
    about: 'One page of TAXII, one event of MISP, one checksum file; read as a whole',
  }),
  pagesMax: count(100_000, [1, 10_000_000], { about: 'Pages of one fetch from a TAXII collection' }),
  pageObjects: count(1000, [1, 100_000], {
    about: 'Objects that a TAXII server is asked for at once; it may give fewer',
  }),
  objectsMax: count(2_000_000, [1, 100_000_000], {
    about: 'TAXII objects or MISP events of one fetch; about 150 bytes of memory each',
  }),
  prefixesMax: count(4_194_304, [1024, 16_777_216], {
    about:
      'Hash prefixes of one list of a Safe Browsing server; each takes four bytes of memory in control while it is fetched, and in every edge',
  }),
  eventFetchesMax: count(4, [1, 32], { about: 'Events of one MISP feed fetched at once' }),
});
