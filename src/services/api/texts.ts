import type { IndicatorReader, StoredEntry } from '../../engines/indicators/index.ts';
import type { Clock, Match } from '../../kernel/index.ts';

/** Entries whose texts are kept: reading them again costs many times what a look-up does. */
const KEPT_MAX = 4096;

export interface TextsOptions {
  readonly reader: Pick<IndicatorReader, 'generation' | 'feeds' | 'describe'>;
  readonly clock: Clock;
  readonly perSecondMax: number;
}

/** What the lists say of a match besides. */
export interface Texts {
  /** `undefined`: nothing, or it is somebody else's match. `busy`: too many were read in this second. */
  of(match: Match): StoredEntry | undefined | 'busy';
}

/**
 * Reading a text unpacks a block of a file, so only some are read in a second: look-ups must not wait for texts.
 */
export function createTexts({ reader, clock, perSecondMax }: TextsOptions): Texts {
  const kept = new Map<string, StoredEntry | undefined>();
  let generation = '';
  let left = perSecondMax;
  let sinceMs = clock.monotonic();

  const mayRead = (): boolean => {
    const nowMs = clock.monotonic();
    if (nowMs - sinceMs >= 1000) {
      sinceMs = nowMs;
      left = perSecondMax;
    }
    return left-- > 0;
  };

  return {
    of(match) {
      if (reader.generation !== generation) {
        kept.clear();
        ({ generation } = reader);
      }
      const key = `${match.feed} ${match.kind} ${match.entry}`;
      if (kept.has(key)) return kept.get(key);
      const isOurs = match.feed === 'local' || reader.feeds.some(({ name }) => name === match.feed);
      if (!isOurs) return undefined;
      if (!mayRead()) return 'busy';
      const entry = reader.describe(match);
      if (kept.size >= KEPT_MAX) {
        const [oldest] = kept.keys();
        if (oldest !== undefined) kept.delete(oldest);
      }
      kept.set(key, entry);
      return entry;
    },
  };
}
