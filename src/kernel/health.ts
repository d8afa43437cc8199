/** What a code of the health says, and what mends it. */
export interface HealthCodeSpec {
  readonly about: string;
  /** The command or the setting that mends it. */
  readonly hint: string;
}

/**
 * Why a part is not well. A code is stable and never used for another thing: alert rules, dashboards and people look
 * for it. The sentence beside it (`reason`) is for reading and may change.
 */
export const HEALTH_CODES = {
  starting: {
    about: 'It has started a moment ago and does not serve yet',
    hint: 'wait a moment; if it lasts: sallyport show log',
  },
  flapping: {
    about: 'It went bad more often than `health.flaps` within `health.flapWindow`, and is not quiet yet',
    hint: 'sallyport show log --level warn says what comes and goes; mend that, it is well after a quiet health.flapWindow',
  },
  'process-died': {
    about: 'A process of the gateway died and is started again',
    hint: 'sallyport show log; a process that dies again and again is a bug worth reporting',
  },
  'process-silent': {
    about: 'A process lives and has not answered for `health.silent`',
    hint: 'sallyport status names it; sallyport reload replaces the edges',
  },
  'clamd-away': {
    about: 'clamd cannot be asked',
    hint: 'see that clamd runs where scan.clamd says (systemctl status clamav-daemon)',
  },
  'icap-away': {
    about: 'The ICAP service that files are sent to cannot be asked',
    hint: 'see that the service runs where scan.icap.url says; for icaps:// also scan.icap.caFile',
  },
  'yara-off': {
    about: 'YARA rules are not matched',
    hint: 'sallyport scan rules list; remove the set that cannot be compiled',
  },
  'scan-workers': {
    about: 'Threads that scan files die or cannot be started',
    hint: 'sallyport show log; then a smaller scan.unpack or a larger scan.workerHeapMax',
  },
  'scan-spool': {
    about: 'The spool of files that are scanned is almost full',
    hint: 'a larger scan.spoolMax, or more scan.workers',
  },
  'parent-down': {
    about: 'A parent proxy does not answer',
    hint: 'look at that proxy, or take it out of egress.parents; then: sallyport verify egress',
  },
  'feed-failed': {
    about: 'The last fetch of a feed failed; its last good list is used',
    hint: 'sallyport feed show NAME',
  },
  'feed-stale': {
    about: 'A feed was not fetched for too long: its list gets old',
    hint: 'sallyport feed show NAME; then: sallyport feed sync NAME',
  },
  'policy-refused': {
    about: 'The stored policy cannot be read; the one before stays in force',
    hint: 'sallyport policy versions; then: sallyport policy rollback N',
  },
  'log-target': {
    about: 'A log target takes no events; they wait in its queue on the disk',
    hint: 'sallyport log target list; then look at the receiver',
  },
  'alert-channel': {
    about: 'Notices of alerts cannot be handed over',
    hint: 'sallyport alert list; then: sallyport alert test NAME',
  },
  'events-unstored': {
    about: 'Events cannot be written; what finds no room in memory is dropped and counted',
    hint: 'make room on the disk of the data directory: sallyport doctor',
  },
  'clock-jumped': {
    about:
      'The clock of the machine was set by more than five minutes within the last hour, or the machine slept',
    hint: 'timedatectl status; then: sallyport verify ntp, or correct the time server (configure ntp)',
  },
  'disk-low': {
    about: 'Less than `health.diskFreeMin` is free on the disk of the data directory, or its inodes run out',
    hint: 'make room: sallyport quarantine purge, smaller events.keepBytes or accessLog.filesMax, or a larger disk',
  },
  'disk-full': {
    about: 'Nothing can be written to the disk of the data directory: changes are refused, doors serve on',
    hint: 'make room: sallyport quarantine purge, smaller events.keepBytes or accessLog.filesMax, or a larger disk',
  },
} as const satisfies Readonly<Record<string, HealthCodeSpec>>;

export type HealthCode = keyof typeof HEALTH_CODES;

/** How a part is, as it says itself. */
export type Health =
  | { readonly state: 'ok' }
  | { readonly state: 'degraded' | 'down'; readonly code: HealthCode; readonly reason: string };

/** How one part of the gateway says that it is. */
export interface PartReport {
  /** `icap`, `edge`, `feed NAME`, `log target NAME`, `disk`. */
  readonly part: string;
  readonly health: Health;
}

/** How a part is for everybody who asks: without the flapping. Plain data. */
export interface PartHealth {
  readonly part: string;
  readonly state: Health['state'];
  /** `undefined`: it is well. */
  readonly code: HealthCode | undefined;
  /** A sentence; empty when it is well. */
  readonly reason: string;
  /** Well, or not well, since then; milliseconds since 1970. */
  readonly sinceMs: number;
  /** How often it went bad within `health.flapWindow`. */
  readonly falls: number;
}
