/** Time comes in as a parameter, so that tests own it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Never goes back; milliseconds with a fraction, arbitrary start. For durations. */
  monotonic(): number;
}
