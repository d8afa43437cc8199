import { z } from 'zod';
import { icapAddress } from './icap-address.ts';
import { CHECKS, choice, count, duration, flag, optionalText, size, texts } from './keys.ts';

/** What a profile may ask for. */
export const SCAN_STAGES = ['hashes', 'unpack', 'yara', 'clamd', 'icap', 'urls', 'prediction'] as const;

const stage = (text: string) =>
  (SCAN_STAGES as readonly string[]).includes(text)
    ? undefined
    : `expected one of: ${SCAN_STAGES.join(', ')}`;

const fail = (about: string) => choice(['closed', 'open'], 'closed', { about });

/** How files are looked at; by which rules is no setting but state: `scan rules add`. */
export const scan = z.strictObject({
  memoryMax: size('1MiB', ['16KiB', '64MiB'], {
    about: 'Of one file that is kept in memory while it is scanned; more goes to a file in DATA_DIR/spool',
  }),
  inlineMax: size('64KiB', ['0', '1MiB'], {
    about:
      'Smaller files with nothing inside are looked at where they arrive, without a thread, as long as no rule sets but the shipped one are in force; 0: none',
  }),
  memoryTotal: size('128MiB', ['1MiB', '64GiB'], {
    about: 'Of all files of one edge in memory; beyond it they are spooled at once',
  }),
  spoolMax: size('4GiB', ['1MiB', '16384GiB'], {
    about: 'Of all spooled files of one edge; beyond it a file is hashed and reported as incomplete',
  }),
  bytesMax: size('2GiB', ['1KiB', '1024GiB'], {
    about: 'Larger files are hashed, not scanned, and reported as incomplete: limit',
  }),
  timeout: duration('60s', ['100ms', '1h'], { about: 'From the last byte of a file to its verdict' }),
  workers: count(1, [1, 64], { about: 'Threads of one edge that unpack and match rules' }),
  workerHeapMax: size('512MiB', ['64MiB', '16GiB'], {
    about: 'JavaScript heap of one thread; one that needs more ends and is replaced',
  }),
  decodersMax: count(4, [1, 256], {
    about:
      'Bodies of one edge whose content codings are undone at once; each takes up to 32 MiB, and those of at most 16 KiB are done in one call. zlib has four threads',
  }),
  queueMax: count(512, [1, 100_000], { about: 'Files of one edge that wait for a thread' }),
  cacheEntries: count(50_000, [0, 10_000_000], {
    about: 'Verdicts that an edge remembers, by SHA-256 and version of the engines; 0: none',
  }),
  cacheFor: duration('1h', ['1s', '7d'], { about: 'How long a verdict is remembered' }),
  findingsMax: count(100, [1, 10_000], { about: 'Findings of one file that are listed' }),
  unpack: z
    .strictObject({
      enabled: flag(true, { about: 'Whether archives, documents and mail are looked into' }),
      depthMax: count(8, [1, 32], {
        about: 'Containers inside containers; ClamAV takes 17, few files have 4',
      }),
      entriesMax: count(10_000, [1, 1_000_000], {
        about: 'Inner files of one file; MaxFiles of ClamAV is 10,000 as well',
      }),
      bytesMax: size('1GiB', ['1MiB', '1024GiB'], { about: 'Everything that comes out of one file' }),
      memberMax: size('256MiB', ['64KiB', '64GiB'], { about: 'One inner file' }),
      memberMemory: size('4MiB', ['64KiB', '64MiB'], {
        about: 'Of one inner file in memory; more goes to a file in DATA_DIR/spool',
      }),
      ratioMax: count(250, [2, 100_000], {
        about: 'How many times its size a file may unpack to; texts reach 10 to 50, deflate ends at 1,032',
      }),
      ratioFrom: size('16MiB', ['1KiB', '64GiB'], { about: 'Unpacked bytes from which the ratio counts' }),
      timeout: duration('20s', ['10ms', '1h'], { about: 'Unpacking of one file; what came out is scanned' }),
    })
    .prefault({}),
  urls: z
    .strictObject({
      enabled: flag(true, { about: 'Whether links in texts, pages, PDF and office files are looked up' }),
      urlsMax: count(200, [1, 100_000], { about: 'Links of one file that are looked up' }),
    })
    .prefault({}),
  yara: z
    .strictObject({
      enabled: flag(true, { about: 'Whether YARA rules are matched' }),
      windowMax: size('8MiB', ['64KiB', '1GiB'], {
        about:
          'Longer files are matched in pieces of this size, each beginning 64 KiB before the end of the last',
      }),
      timeout: duration('10s', ['1s', '10m'], { about: 'Matching of one piece' }),
      ruleBytesMax: size('32MiB', ['1KiB', '1GiB'], { about: 'One rule set, unpacked' }),
      fail: fail('Without the YARA library: `closed` reports incomplete: unavailable, `open` goes on'),
    })
    .prefault({}),
  clamd: z
    .strictObject({
      socket: optionalText('path of a Unix socket', { about: 'LocalSocket of clamd; goes before host' }),
      host: optionalText('host or address', {
        about: 'TCPAddr of clamd; without socket and host clamd is not asked',
        check: CHECKS.host,
      }),
      port: count(3310, [1, 65_535], { about: 'TCPSocket of clamd' }),
      connect: duration('2s', ['10ms', '1m'], { about: 'Connecting' }),
      timeout: duration('30s', ['100ms', '10m'], { about: 'One file, from its first byte to the answer' }),
      connectionsMax: count(8, [1, 1000], {
        about: 'Connections of one edge; MaxThreads of clamd, 10 by default, serves all edges together',
      }),
      bytesMax: size('25MiB', ['1KiB', '4GiB'], {
        about:
          'Larger files are not sent and reported as incomplete: limit; StreamMaxLength of clamd is 25 MiB',
      }),
      check: duration('10s', ['100ms', '1h'], {
        about: 'Between two looks at whether clamd lives and which signatures it has',
      }),
      fail: fail('While clamd is away: `closed` reports incomplete: unavailable, `open` goes on without it'),
    })
    .prefault({}),
  icap: z
    .strictObject({
      url: optionalText('address of a service', {
        about:
          'icap://host:port/service or icaps://… of another scanner or a DLP, which gets whole files by RESPMOD; without it nobody is asked',
        check: (text) => (icapAddress(text) === undefined ? 'is no icap:// or icaps:// address' : undefined),
      }),
      caFile: optionalText('path of a file', {
        about: 'Authorities in PEM that an icaps:// service is trusted by, instead of those that Node brings',
      }),
      connect: duration('2s', ['10ms', '1m'], { about: 'Connecting, and its answer to OPTIONS' }),
      timeout: duration('30s', ['100ms', '10m'], { about: 'One file, from its first byte to the answer' }),
      connectionsMax: count(8, [1, 1000], {
        about: 'Connections of one edge; Max-Connections of the service is for all edges together',
      }),
      bytesMax: size('25MiB', ['1KiB', '4GiB'], {
        about: 'Larger files are not sent and reported as incomplete: limit',
      }),
      check: duration('30s', ['100ms', '1h'], {
        about: 'Between two looks at whether the service lives and which ISTag it has',
      }),
      fail: fail('While it is away: `closed` reports incomplete: unavailable, `open` goes on without it'),
    })
    .prefault({}),
  profiles: z
    .array(
      z.strictObject({
        name: z
          .string({ error: 'a profile needs a name' })
          .regex(/^(?!(?:full|hashes|off)$)[a-z][a-z0-9-]{0,30}$/, {
            error: 'must be lower-case letters, digits and hyphens, and not full, hashes or off',
          })
          .meta({
            info: {
              type: 'name',
              default: '(required)',
              description: 'Used by policies and ICAP paths',
              live: true,
            },
          }),
        stages: texts(['hashes'], 'stages', stage, { about: `What is done: ${SCAN_STAGES.join(', ')}` }),
      }),
      { error: 'expected a list of profiles' },
    )
    .max(100, { error: 'must not have more than 100 entries' })
    .prefault([]),
});
