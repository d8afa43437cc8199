import { join } from 'node:path';
import type { FeedInfo } from './manifest.ts';
import { Segment } from './segment.io.ts';

/** Opens all layers of a feed at once, the newest first. Throws `INDICATORS_SEGMENT_DAMAGED`, then nothing stays open. */
export function openLayersSync(dir: string, feed: Pick<FeedInfo, 'name' | 'layers'>): readonly Segment[] {
  const opened: Segment[] = [];
  try {
    for (const { segment, values } of feed.layers)
      opened.push(Segment.openSync(feed.name, join(dir, segment), join(dir, values)));
    return opened;
  } catch (error) {
    releaseAll(opened);
    throw error;
  }
}

export function releaseAll(segments: Iterable<Segment>): void {
  for (const segment of segments) segment.release();
}
