import { z } from 'zod';
import { count, duration, flag, ports, size } from './keys.ts';

/** Pages that are inspected on request, and how far the gateway goes to get them. */
export const inspection = z.strictObject({
  fetch: flag(true, {
    about:
      'Whether a page that is not handed in is fetched, through egress; `false`: only pages that are handed in',
  }),
  ports: ports([443], { about: 'The only ports that pages are fetched from' }),
  pageBytesMax: size('1MiB', ['1KiB', '16MiB'], {
    about: 'How much of a page is read; what follows is not looked at',
  }),
  redirectsMax: count(5, [0, 20], { about: 'Redirects that are followed for one page' }),
  timeout: duration('10s', ['1s', '2m'], { about: 'Time for one page, with all its redirects' }),
  fetchesMax: count(8, [1, 1000], { about: 'Pages that one edge fetches at once; further ones are refused' }),
  domainsMax: count(50_000, [0, 10_000_000], {
    about: 'Domains of which an edge remembers when it met them first; the oldest is forgotten first',
  }),
});
