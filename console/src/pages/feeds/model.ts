import type { FeedSubscription, StoredFeed } from '../../lib/types.ts';
import type { Tone } from '../../ui/basics.tsx';

export const FEED_TONE: Readonly<Record<FeedSubscription['state'], Tone>> = {
  ok: 'good',
  failed: 'bad',
  stale: 'warn',
  disabled: 'note',
};

/** What is stored under a name, and how it is fetched; an imported list has no subscription. */
export interface FeedRow {
  readonly name: string;
  readonly stored: StoredFeed | undefined;
  readonly subscription: FeedSubscription | undefined;
}
