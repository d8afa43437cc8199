import { z } from 'zod';
import { count, duration, flag, size } from './keys.ts';

/** Sections of the file for files that clients hand in, and for those that are kept. */

export const files = z.strictObject({
  requireToken: flag(true, {
    about:
      'Whether POST /api/v1/files needs a token with scope files; without, everybody in networks.internal may hand files in, also on port 80',
  }),
  bytesMax: size('2GiB', ['1KiB', '1024GiB'], { about: 'Largest file that is analyzed, and largest form' }),
  filesMax: count(100, [1, 10_000], { about: 'Files of one form' }),
  uploadsMax: count(64, [1, 10_000], {
    about: 'Files that one edge takes at the same time; further requests get 503 with Retry-After',
  }),
  uploadTimeout: duration('30m', ['1s', '1d'], {
    about: 'Longest time that one request may take to send its files',
  }),
  verdictsBytesMax: size('32MiB', ['64KiB', '16GiB'], {
    about:
      'Room in the database for the verdicts that GET /api/v1/files/{sha256} knows, about 1 KiB each; the oldest are forgotten',
  }),
});

export const quarantine = z.strictObject({
  malicious: flag(false, {
    about: 'Whether every file that is found malicious is kept, also where no policy rule says so',
  }),
  bytesMax: size('10GiB', ['1MiB', '1024GiB'], {
    about: 'Disk space of the quarantine; the oldest files make room for new ones',
  }),
  itemsMax: count(10_000, [1, 1_000_000], { about: 'Files in the quarantine' }),
  itemBytesMax: size('2GiB', ['1KiB', '1024GiB'], { about: 'Largest file that is kept' }),
  keep: duration('30d', ['1m', '3650d'], { about: 'How long a file is kept after it was last seen' }),
  writeTimeout: duration('30m', ['1s', '1d'], {
    about: 'How long the space of a file that is being written is held; an older unfinished one is removed',
  }),
});
