/** A table whose values became small numbers: 0 is missing, else 1 + the count of cuts below the value. */
export interface BinnedTable {
  readonly bins: readonly Uint8Array[];
  readonly cuts: readonly Float64Array[];
}

/** At most `binsMax` (up to 254) bins for each column, of about as many rows each. */
export function binTable(columns: readonly (Float64Array | Float32Array)[], binsMax: number): BinnedTable {
  const cuts = columns.map((column) => cutsOf(column, Math.min(binsMax, 254)));
  const bins = columns.map((column, at) => Uint8Array.from(column, (value) => binOf(value, cuts[at]!)));
  return { bins, cuts };
}

export function binOf(value: number, cuts: Float64Array): number {
  if (Number.isNaN(value)) return 0;
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= cuts[middle]!) high = middle;
    else low = middle + 1;
  }
  return low + 1;
}

function cutsOf(column: Float64Array | Float32Array, binsMax: number): Float64Array {
  const sorted = Float64Array.from(column)
    .filter((value) => !Number.isNaN(value))
    .toSorted();
  const values: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    if (values.at(-1) === value) counts[counts.length - 1]!++;
    else {
      values.push(value);
      counts.push(1);
    }
  }
  const cuts: number[] = [];
  const share = values.length <= binsMax ? 0 : sorted.length / binsMax;
  let gathered = 0;
  for (let at = 0; at + 1 < values.length && cuts.length < binsMax - 1; at++) {
    gathered += counts[at]!;
    if (gathered < share) continue;
    cuts.push(between(values[at]!, values[at + 1]!));
    gathered = 0;
  }
  return Float64Array.from(cuts);
}

/** Few digits where they suffice: the number stands in the model file. */
function between(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  const short = Number(middle.toPrecision(6));
  return short >= low && short < high ? short : middle < high ? middle : low;
}
