import type { MaybePromise } from '../../kernel/index.ts';
import { START_BYTES } from '../../protocols/file-type/index.ts';
import { type Codings, deflatePacking } from './codings.ts';
import { inflateInto, type Taker, type WholeBounds } from './inflate.ts';
import { memorySource } from './source.ts';
import type { Source, Trouble } from './types.ts';

/** Where the content of one coding goes, before the next one is undone. */
export interface Step {
  take: Taker;
  /** Everything that was taken can be read. */
  source(): Promise<Source>;
}

export interface Undoing {
  readonly codings: Codings;
  /** Room for what the next coding hides. */
  step(): Step;
  /** In the thread that serves: small ones alone are undone in one call. */
  readonly whole: WholeBounds;
}

/** Undoes content codings one after the other, each into a step of its own. What came out before a trouble is there. */
export async function undoCodings(
  source: Source,
  { codings, step, whole }: Undoing,
): Promise<{ readonly steps: number; readonly trouble: Trouble | undefined }> {
  let from = source;
  let steps = 0;
  for (const coding of codings.packings) {
    const packing = coding === 'deflate' ? deflatePacking(from.read(0, 2)) : coding;
    const next = step();
    steps++;
    const undone = inflateInto(from, packing, next.take, whole);
    const trouble = undone instanceof Promise ? await undone : undone;
    if (trouble !== undefined) return { steps, trouble };
    from = await next.source();
  }
  return { steps, trouble: codings.trouble };
}

/** So much of a start is undone in one call. */
const START_WHOLE: WholeBounds = { inMax: 4096, outMax: 64 * 1024 };

/** The start of what is hidden behind content codings, by the start of the body; empty: it cannot be told. */
export async function startOf(start: Buffer, codings: Codings): Promise<Buffer> {
  if (codings.trouble !== undefined) return Buffer.alloc(0);
  let last: Buffer[] = [];
  const step = (): Step => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    last = pieces;
    return {
      take: (piece): MaybePromise<boolean> => {
        pieces.push(piece);
        bytes += piece.length;
        return bytes < START_BYTES;
      },
      source: () => Promise.resolve(memorySource(Buffer.concat(pieces))),
    };
  };
  // It ends in the middle, which is no trouble here.
  let from = start;
  for (const packing of codings.packings) {
    await undoCodings(memorySource(from), {
      codings: { packings: [packing], trouble: undefined },
      step,
      whole: START_WHOLE,
    });
    from = Buffer.concat(last);
  }
  return from.subarray(0, START_BYTES);
}
