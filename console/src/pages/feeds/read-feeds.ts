import { gateway } from '../../lib/api.ts';
import { storedFeeds } from '../../lib/open-answers.ts';
import type { FeedRow } from './model.ts';

/** What is stored, and for what is subscribed how the fetching goes. */
export async function readFeeds(signal: AbortSignal): Promise<readonly FeedRow[]> {
  const [stored, subscribed] = await Promise.all([
    storedFeeds(signal),
    gateway.call('GET /api/v1/feed-subscriptions', { signal }),
  ]);
  const names = new Set([...subscribed, ...stored].map(({ name }) => name));
  return [...names].toSorted().map((name) => ({
    name,
    stored: stored.find((each) => each.name === name),
    subscription: subscribed.find((each) => each.name === name),
  }));
}
