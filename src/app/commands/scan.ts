import type { ScanEngine } from '../../engines/scan/index.ts';
import { type Clock, defineCommand, type Input, textOption } from '../../kernel/index.ts';
import { appErrors } from '../errors.ts';
import { ScanReport } from '../scan/report.ts';
import { scanFiles } from '../scan/scan-files.io.ts';

export interface ScanEngines {
  readonly clock: Clock;
  /** With the rules and lists of the data directory. */
  openScan(): Promise<{ readonly engine: ScanEngine; close(): Promise<void> }>;
}

const JOBS_MAX = 64;

/**
 * It runs where the files are and as the user who types it: neither the gateway nor somebody who is signed in to it
 * reads a file for anybody.
 */
export const scanCommand = defineCommand<ScanEngines>({
  words: 'scan',
  summary: 'Scan files with the rules and lists of the gateway; ends with 10 when something is found',
  positionals: [{ name: 'FILE', help: 'Files and folders', file: true, rest: true }],
  options: {
    profile: { help: 'full, hashes, or one of the setting scan.profiles', value: 'NAME', default: 'full' },
    'no-recursive': { help: 'Only the files of a folder itself, not of those in it' },
    jobs: { help: `Files at the same time, 1 to ${JOBS_MAX}`, value: 'NUMBER', default: '4' },
  },
  role: 'read',
  where: 'here',
  examples: ['scan invoice.docm', 'scan /srv/share --json', 'scan ~/Downloads --profile hashes'],
  run: async ({ clock, openScan }, input, io) => {
    const jobs = jobsOf(input);
    const profile = textOption(input, 'profile') ?? 'full';
    const startedMs = clock.monotonic();
    const { engine, close } = await openScan();
    try {
      await engine.ready();
      const profiles = engine.profiles.filter((each) => each !== 'off');
      if (!profiles.includes(profile)) {
        throw appErrors.SCAN_PROFILE({ profile, profiles: profiles.join(', ') });
      }
      const report = new ScanReport();
      let toldMs = -Infinity;
      await scanFiles({
        engine,
        clock,
        profile,
        jobs,
        paths: input.rest,
        recursive: input.options['no-recursive'] !== true,
        done: (outcome) => report.add(outcome),
        progress(bytes, total) {
          const nowMs = clock.monotonic();
          if (nowMs - toldMs < PROGRESS_MS) return;
          toldMs = nowMs;
          io.progress('Scanning', bytes, total);
        },
      });
      return report.result(clock.monotonic() - startedMs);
    } finally {
      await close();
    }
  },
});

const PROGRESS_MS = 200;

function jobsOf(input: Input): number {
  const text = textOption(input, 'jobs') ?? '4';
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= JOBS_MAX) return jobs;
  throw appErrors.BAD_NUMBER({ option: '--jobs', value: text });
}
