import type { Clock } from '../../kernel/index.ts';
import type { Artifact } from './artifact.ts';
import type { ExportShape, ExportVariant } from './definition.ts';

/** What is to be rendered; plain data, so that it can be sent to another process. */
export interface RenderJob {
  readonly indicatorsDir: string;
  readonly cacheDir: string;
  readonly variant: ExportVariant;
  readonly shape: ExportShape;
  readonly fileBytesMax: number;
  /** The index of the collection before this one: objects that were in it keep their dates. */
  readonly before?: Pick<Artifact, 'file' | 'index' | 'builtAtMs'> | undefined;
}

/** Work is done in slices of this length, so that nothing else in the process waits for long. */
const SLICE_MS = 8;
/** The clock is looked at so often. */
const SLICE_ENTRIES = 64;

export interface Slicer {
  /** True: let others have a turn now. */
  isDue(): boolean;
}

/** Slices of a rendering that begins now. */
export function slicer(clock: Clock): Slicer {
  let [count, sinceMs] = [0, clock.monotonic()];
  return {
    isDue() {
      if (++count % SLICE_ENTRIES !== 0) return false;
      const nowMs = clock.monotonic();
      if (nowMs - sinceMs < SLICE_MS) return false;
      sinceMs = nowMs;
      return true;
    },
  };
}
