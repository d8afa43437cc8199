import type { Clock, Health, PartHealth, PartReport } from '../../kernel/index.ts';

export interface HealthLimits {
  /** A part that was bad counts as well after it has stayed well for so long. */
  readonly settleMs: number;
  /** Going bad more often than this within the window is flapping. */
  readonly flaps: number;
  readonly flapWindowMs: number;
}

type Bad = Exclude<Health, { readonly state: 'ok' }>;

/** What one part has said, and what it was told as. */
interface Track {
  health: Health;
  /** Well, or not, since then; monotonic. */
  changedAt: number;
  /** What was wrong last; `undefined`: nothing ever was, or it has only started. */
  bad: Bad | undefined;
  /** When it went bad, monotonic, oldest first: not older than the window. */
  falls: readonly number[];
  /** From too many falls until a window without any. */
  flapping: boolean;
  shown: PartHealth;
}

/** Falls that are remembered of one part; looks are a second apart, so this is more than a window of an hour has. */
const FALLS_MAX = 3600;

/**
 * Takes the flapping out of health. Bad is told at once; well only after it has lasted for `settleMs`. A part that goes
 * bad again and again is degraded with the code `flapping` until a whole window was quiet; when it stays bad
 * meanwhile, it is told as what it is. A part that is not reported any more is forgotten. Durations are of the
 * monotonic clock: a clock that is set changes no verdict.
 */
export class HealthWatch {
  readonly #clock: Clock;
  readonly #limits: () => HealthLimits;
  #tracks: ReadonlyMap<string, Track> = new Map();

  constructor(clock: Clock, limits: () => HealthLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Takes the newest reports of all parts, and says how the parts are. May be called as often as anybody asks. */
  observe(reports: readonly PartReport[]): readonly PartHealth[] {
    const tracks = new Map<string, Track>();
    for (const { part, health } of reports) {
      const track = this.#tracks.get(part) ?? this.#begin(part);
      tracks.set(part, track);
      this.#take(track, health);
      track.shown = this.#told(track);
    }
    this.#tracks = tracks;
    return [...tracks.values()].map(({ shown }) => shown);
  }

  #begin(part: string): Track {
    const sinceMs = this.#clock.now();
    const shown: PartHealth = { part, state: 'ok', code: undefined, reason: '', sinceMs, falls: 0 };
    const changedAt = this.#clock.monotonic();
    return { health: { state: 'ok' }, changedAt, bad: undefined, falls: [], flapping: false, shown };
  }

  #take(track: Track, health: Health): void {
    const now = this.#clock.monotonic();
    const { flaps, flapWindowMs } = this.#limits();
    const wasBad = isBad(track.health);
    if ((track.health.state === 'ok') !== (health.state === 'ok')) track.changedAt = now;
    track.health = health;
    if (isBad(health)) track.bad = health;
    const falls = isBad(health) && !wasBad ? [...track.falls, now].slice(-FALLS_MAX) : track.falls;
    track.falls = falls.filter((at) => now - at < flapWindowMs);
    if (track.falls.length > flaps) track.flapping = true;
    else if (track.falls.length === 0) track.flapping = false;
  }

  #told({ health, changedAt, bad, falls, flapping, shown }: Track): PartHealth {
    const { settleMs, flapWindowMs } = this.#limits();
    const lastsMs = this.#clock.monotonic() - changedAt;
    const unwell = {
      part: shown.part,
      sinceMs: shown.state === 'ok' ? this.#clock.now() : shown.sinceMs,
      falls: falls.length,
    };
    if (flapping && bad !== undefined && (health.state === 'ok' || lastsMs < settleMs)) {
      const reason = `it went bad ${falls.length} times within ${secondsOf(flapWindowMs)}, last: ${bad.reason}`;
      return { ...unwell, state: 'degraded', code: 'flapping', reason };
    }
    if (health.state !== 'ok') return { ...unwell, ...health };
    if (shown.state === 'ok') return { ...shown, falls: falls.length };
    if (bad !== undefined && lastsMs < settleMs) {
      const reason = `${bad.reason}; it works again, and counts as well after ${secondsOf(settleMs)}`;
      return { ...unwell, ...bad, reason };
    }
    const sinceMs = this.#clock.now() - Math.round(lastsMs);
    return { ...unwell, state: 'ok', code: undefined, reason: '', sinceMs };
  }
}

/** What has only started is no fault. */
function isBad(health: Health): health is Bad {
  return health.state !== 'ok' && health.code !== 'starting';
}

function secondsOf(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
