import type { ScanEngine } from '../../engines/scan/index.ts';
import type { Clock, FileVerdict } from '../../kernel/index.ts';
import { type Found, openFile, piecesOf, reasonOf, walk } from './walk.io.ts';

/** What became of one file. */
export type Outcome =
  | {
      readonly kind: 'scanned';
      readonly path: string;
      readonly tookMs: number;
      readonly verdict: FileVerdict;
    }
  | Exclude<Found, { readonly kind: 'file' }>;

export interface ScanFiles {
  readonly engine: ScanEngine;
  readonly clock: Clock;
  readonly paths: readonly string[];
  readonly profile: string;
  readonly recursive: boolean;
  /** Files at the same time. */
  readonly jobs: number;
  done(outcome: Outcome): void;
  progress(bytes: number, total: number): void;
}

/** Scans everything below the paths, some files at a time; resolves when all have been told. */
export async function scanFiles(options: ScanFiles): Promise<void> {
  const { paths, recursive, jobs } = options;
  const total = await bytesBelow(paths, recursive);
  const counted = { bytes: 0, total };
  const found = walk(paths, recursive);
  const worker = async (): Promise<void> => {
    // Generators queue what is asked of them: each worker gets the next file.
    for (let next = await found.next(); next.done !== true; next = await found.next()) {
      options.done(
        next.value.kind === 'file' ? await scanFile(options, next.value.path, counted) : next.value,
      );
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

async function bytesBelow(paths: readonly string[], recursive: boolean): Promise<number> {
  let bytes = 0;
  for await (const each of walk(paths, recursive)) if (each.kind === 'file') bytes += each.bytes;
  return bytes;
}

async function scanFile(
  { engine, clock, profile, progress }: ScanFiles,
  path: string,
  counted: { bytes: number; readonly total: number },
): Promise<Outcome> {
  const startedMs = clock.monotonic();
  try {
    const file = await openFile(path);
    const scan = engine.open({ name: path, profile, bytes: (await file.stat()).size });
    try {
      for await (const piece of piecesOf(file)) {
        const written = scan.write(piece);
        if (written instanceof Promise) await written;
        counted.bytes += piece.length;
        progress(counted.bytes, counted.total);
      }
      const verdict = await scan.finish();
      return { kind: 'scanned', path, tookMs: clock.monotonic() - startedMs, verdict };
    } finally {
      scan.close();
      await file.close();
    }
  } catch (error) {
    return { kind: 'unreadable', path, why: reasonOf(error) };
  }
}
