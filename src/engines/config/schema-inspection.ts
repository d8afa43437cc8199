import { z } from 'zod';
import { count, duration, ports, size } from './keys.ts';

const FETCHES = ['token', 'anyone', 'off'] as const;

/** Pages that are inspected on request, and how far the gateway goes to get them. */
export const inspection = z.strictObject({
  fetch: z
    .preprocess(
      // What it was before it had three values.
      (given) => (given === true ? 'token' : given === false ? 'off' : given),
      z
        .enum(FETCHES, { error: `expected one of: ${FETCHES.join(', ')}` })
        .optional()
        .transform((given) => given ?? 'token'),
    )
    .meta({
      info: {
        type: FETCHES.join(' | '),
        default: 'token',
        description:
          'Who may have a page fetched that is not handed in: whoever shows a token with the scope `reputation`, anyone, or nobody. A fetch makes the gateway connect where a client wants; a page that is handed in does not',
        live: true,
      },
    }),
  fetchesPerMinute: count(30, [1, 100_000], {
    about: 'Pages that one client has fetched in a minute, by one edge; further ones are answered with 429',
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
