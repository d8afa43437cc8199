/** The map of the house, as data. `imports.test.ts` holds the source to it. */

/** Which storey of `src/` may import which. Arrows point down only. */
export const STOREYS: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  protocols: ['kernel'],
  platform: ['kernel'],
  engines: ['kernel', 'protocols', 'platform'],
  services: ['kernel', 'protocols', 'engines'],
  app: ['kernel', 'protocols', 'platform', 'engines', 'services'],
  cli: ['kernel', 'protocols', 'app'],
  main: ['cli', 'app'],
};

/** Engines know those of the rows above their own, and no other. */
export const ENGINE_ORDER: readonly (readonly string[])[] = [
  ['telemetry', 'config', 'state', 'web'],
  ['events', 'indicators', 'pki', 'identity', 'policy', 'egress', 'content', 'quarantine', 'prediction'],
  ['verdict', 'log-targets', 'alerts', 'training'],
  [
    'feeds',
    'inspection',
    'look-aside',
    'hashlookup',
    'file-verdicts',
    'prevalence',
    'exports',
    'safe-browsing',
    'scan',
  ],
  ['exchange'],
];

/** Neighbors that know each other all the same, and why. */
export const PAIRS: Readonly<Record<string, string>> = {
  'engines/state engines/config': 'a stored document is read and written as YAML, which one folder knows',
  'protocols/lists protocols/url': 'an entry of a list is canonicalized as it is read',
  'protocols/lists protocols/stix': 'a bundle is one of the forms that a list comes in',
  'protocols/lists protocols/misp': 'an event is one of the forms that a list comes in',
  'protocols/lists protocols/openioc': 'an OpenIOC document is one of the forms that a list comes in',
  'protocols/exports protocols/misp': 'a MISP feed is one of the forms that a list goes out in',
  'protocols/exports protocols/stix': 'a bundle is one of the forms that a list goes out in',
  'protocols/http1 protocols/fields':
    'message framing is written in the grammar of fields (RFC 9112 section 5)',
  'protocols/icap protocols/fields':
    'an ICAP head is written in the same grammar of fields (RFC 3507 section 4.3)',
  'protocols/icap protocols/http1':
    'ICAP carries heads and chunked bodies of HTTP (RFC 3507 section 4.4) and reads its own lines the same way',
};

/** Imports past an `index.ts`, and why. */
export const DEEP_IMPORTS: Readonly<Record<string, string>> = {
  'src/main.ts src/app/child-seam.io.ts': 'what a child is told arrives before its role is loaded',
  'src/main.ts src/app/edge/process.io.ts':
    'an edge loads its role alone: what control loads costs start time',
  'src/main.ts src/app/admin/process.io.ts': 'the SSH door loads its role alone',
  'src/main.ts src/app/control/process.io.ts': 'control loads its role alone',
};

/** Modules that do something outside the process. Types and the names below are free for all. */
export const EFFECT_MODULES: readonly string[] = [
  'node:child_process',
  'node:cluster',
  'node:dgram',
  'node:dns',
  'node:fs',
  'node:http',
  'node:http2',
  'node:https',
  'node:inspector',
  'node:net',
  'node:process',
  'node:readline',
  'node:sqlite',
  'node:timers',
  'node:tls',
  'node:worker_threads',
];
export const EFFECT_FREE_NAMES: readonly string[] = [
  'isIP',
  'isIPv4',
  'isIPv6',
  'BlockList',
  'SocketAddress',
];

/** What only `platform/`, `*.io.ts` and `main.ts` may touch. */
export const EFFECT_CALLS: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\bDate\.now\(/g, instead: 'take a Clock' },
  { pattern: /\bnew Date\(\)/g, instead: 'take a Clock' },
  { pattern: /\bperformance\.now\(/g, instead: 'take a Clock' },
  { pattern: /\bMath\.random\(/g, instead: 'take the randomness as a parameter' },
  {
    pattern: /(?<![.\w])(?:setTimeout|setInterval|setImmediate)\(/g,
    instead: 'take the timers as a parameter',
  },
  // The version and the kind of machine do not change while the program runs.
  {
    pattern: /(?<![.\w])process\.(?!(?:versions?|platform|arch)\b)/g,
    instead: 'let main.ts or a *.io.ts hand it in',
  },
  { pattern: /(?<![.\w])console\./g, instead: 'use the Log' },
];

/** zod describes settings where they are, and the routes of the API; every other package lives in one folder. */
export const PACKAGES_ANYWHERE: readonly string[] = ['zod'];

/** The wall: a file of more lines is two files. */
export const FILE_LINES_MAX = 400;
