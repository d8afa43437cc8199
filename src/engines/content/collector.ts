import { memorySource } from './source.ts';
import type { SpoolFile, Sink, Source, Trouble, UnpackLimits } from './types.ts';

/** What all inner files of one file may use together. */
export class Budget {
  readonly #limits: UnpackLimits;
  readonly #outerBytes: number;
  #bytes = 0;
  #entries = 0;

  constructor(limits: UnpackLimits, outerBytes: number) {
    this.#limits = limits;
    this.#outerBytes = outerBytes;
  }

  /** Counts one inner file. */
  enter(): Trouble | undefined {
    const max = this.#limits.entriesMax;
    return ++this.#entries > max ? limit(`more than ${max} inner files (entriesMax)`) : undefined;
  }

  /** Counts bytes that came out. */
  spend(bytes: number): Trouble | undefined {
    const { bytesMax, ratioFrom, ratioMax } = this.#limits;
    this.#bytes += bytes;
    if (this.#bytes > bytesMax) return limit(`more than ${bytesMax} bytes inside (bytesMax)`);
    if (this.#bytes > ratioFrom && this.#bytes > this.#outerBytes * ratioMax) {
      return limit(`unpacks to more than ${ratioMax} times its size (ratioMax)`);
    }
    return this.late();
  }

  late(): Trouble | undefined {
    return this.#limits.expired() ? { reason: 'timeout', detail: 'time for unpacking is over' } : undefined;
  }
}

export function limit(detail: string): Trouble {
  return { reason: 'limit', detail };
}

/** Takes one inner file: in memory, beyond `memberMemory` in the spool. */
export class Collector {
  readonly #limits: UnpackLimits;
  readonly #budget: Budget;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #file: SpoolFile | undefined;
  /** Only of this file: the others go on. */
  trouble: Trouble | undefined;
  /** Of everything: nothing more may come out. */
  over: Trouble | undefined;

  constructor(limits: UnpackLimits, budget: Budget) {
    this.#limits = limits;
    this.#budget = budget;
  }

  readonly sink: Sink = (bytes) => {
    if (this.trouble !== undefined || this.over !== undefined) return false;
    const { memberMax, memberMemory } = this.#limits;
    const room = memberMax - this.#bytes;
    const taken = bytes.length > room ? bytes.subarray(0, room) : bytes;
    this.over = this.#budget.spend(taken.length);
    if (this.over !== undefined) return false;
    if (this.#file === undefined && this.#bytes + taken.length > memberMemory) this.#spill();
    if (this.trouble !== undefined) return false;
    if (this.#file === undefined) this.#pieces.push(taken);
    else if (!this.#file.write(taken)) return this.#full();
    this.#bytes += taken.length;
    if (taken.length === bytes.length) return true;
    this.trouble = limit(`longer than ${memberMax} bytes (memberMax)`);
    return false;
  };

  #spill(): void {
    const file = this.#limits.spool();
    if (file === undefined) return void this.#full();
    this.#file = file;
    for (const piece of this.#pieces) {
      if (!file.write(piece)) return void this.#full();
    }
    this.#pieces = [];
  }

  #full(): false {
    this.trouble = { reason: 'unavailable', detail: 'no room in the spool' };
    return false;
  }

  source(): Source {
    if (this.#file !== undefined && this.#pieces.length === 0) return this.#file.source();
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 && first !== undefined) return memorySource(first);
    return memorySource(Buffer.concat(this.#pieces));
  }

  close(): void {
    this.#file?.close();
    this.#pieces = [];
  }
}
