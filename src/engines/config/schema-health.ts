import { z } from 'zod';
import { count, duration, size } from './keys.ts';

/** How the gateway looks at itself, and when it believes what it sees. */
export const health = z.strictObject({
  check: duration('2s', ['1s', '1m'], {
    about: 'How often every process, door and engine is asked',
    live: false,
  }),
  settle: duration('15s', ['0s', '10m'], {
    about: 'A part that was not well counts as well again after it has stayed well for so long',
  }),
  flaps: count(4, [1, 1000], {
    about: 'A part that goes bad more often than this within flapWindow is degraded as `flapping`',
  }),
  flapWindow: duration('10m', ['1s', '1h'], {
    about: 'Time in which `flaps` are counted; so long a part must be quiet to end its flapping',
  }),
  silent: duration('10s', ['5s', '10m'], { about: 'A process that does not answer for so long is not well' }),
  diskFreeMin: size('256MiB', ['1MiB', '1TiB'], {
    about:
      'With less free space on the disk of the data directory the gateway is degraded, and doctor names it',
  }),
});
