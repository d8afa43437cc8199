/** Latencies in microseconds, 64 steps an octave: about one per cent wide, no memory per sample. */
export class Histogram {
  readonly #counts = new Uint32Array(64 * 32);
  count = 0;

  add(microseconds: number): void {
    const value = Math.max(1, Math.round(microseconds));
    const octave = 31 - Math.clz32(value);
    const step = octave < 6 ? value - (1 << octave) : (value >> (octave - 6)) & 63;
    this.#counts[octave * 64 + step]! += 1;
    this.count++;
  }

  /** The value that `share` (0–1) of the samples do not exceed. */
  percentile(share: number): number {
    let left = Math.ceil(this.count * share);
    for (const [at, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0 && count > 0) {
        const octave = at >> 6;
        return octave < 6 ? (1 << octave) + (at & 63) : (64 + (at & 63)) * 2 ** (octave - 6);
      }
    }
    return 0;
  }
}
