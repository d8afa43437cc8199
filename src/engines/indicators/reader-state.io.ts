import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { GatewayError, messageOf } from '../../kernel/index.ts';
import { indicatorErrors } from './errors.ts';
import { decodingLocal, LocalList } from './local-list.ts';
import { type FeedInfo, type LayerInfo, LOCAL_FEED, type Manifest } from './manifest.ts';
import { Segment } from './segment.io.ts';
import { readManifest } from './store.io.ts';
import type { FeedProblem, LocalEntry } from './types.ts';

/** Between the manifest and its files an import may have removed some; then there is a newer manifest. */
const ATTEMPTS = 3;

/** What look-ups are made from. Replaced as a whole. */
export interface Loaded {
  readonly manifest: Manifest;
  /** By the name of the segment file. */
  readonly segments: ReadonlyMap<string, Segment>;
  readonly local: LocalList;
  readonly problems: readonly FeedProblem[];
}

/** Opens everything at once. A damaged feed is left out and named in `problems`; a damaged manifest throws. */
export function loadSync(dir: string): Loaded {
  for (let attempt = 1; ; attempt++) {
    const manifest = readManifest(dir);
    const segments = new Map<string, Segment>();
    const problems: FeedProblem[] = [];
    for (const feed of manifest.feeds) {
      const opened = new Map<string, Segment>();
      try {
        for (const layer of feed.layers) opened.set(layer.segment, openSync(dir, feed, layer));
        for (const [name, segment] of opened) segments.set(name, segment);
      } catch (error) {
        release(opened.values());
        problems.push(problemOf(feed.name, error));
      }
    }
    let local = LocalList.of([]);
    try {
      local = LocalList.of(readLocal(dir, manifest.local));
    } catch (error) {
      problems.push(problemOf(LOCAL_FEED, error));
    }
    if (problems.length === 0 || attempt === ATTEMPTS || isCurrent(dir, manifest))
      return { manifest, segments, local, problems };
    release(segments.values());
  }
}

/** Opens what is new, in short steps, and keeps what `old` has open. When it rejects, `old` is as it was. */
export async function loadBeside(dir: string, old: Loaded): Promise<Loaded> {
  for (let attempt = 1; ; attempt++) {
    const manifest = readManifest(dir);
    const fresh: Segment[] = [];
    try {
      const segments = new Map<string, Segment>();
      for (const feed of manifest.feeds) {
        for (const { segment: name, values } of feed.layers) {
          let segment = old.segments.get(name);
          if (segment === undefined) {
            segment = await Segment.open(feed.name, join(dir, name), join(dir, values));
            fresh.push(segment);
          }
          segments.set(name, segment);
        }
      }
      const isSameLocal = manifest.local === old.manifest.local;
      const local = isSameLocal ? old.local : await loadLocal(dir, manifest.local);
      return { manifest, segments, local, problems: [] };
    } catch (error) {
      release(fresh);
      if (attempt === ATTEMPTS || isCurrent(dir, manifest)) throw error;
    }
  }
}

/** The local lists of a manifest. */
export function readLocal(dir: string, name: string | undefined): readonly LocalEntry[] {
  if (name === undefined) return [];
  const entries: LocalEntry[] = [];
  try {
    const text = readFileSync(join(dir, name), 'utf8');
    for (const _ of decodingLocal(text, entries));
    return entries;
  } catch (error) {
    throw localDamaged(dir, name, error);
  }
}

/** The same in short steps. */
async function loadLocal(dir: string, name: string | undefined): Promise<LocalList> {
  if (name === undefined) return LocalList.of([]);
  const entries: LocalEntry[] = [];
  try {
    const text = await readFile(join(dir, name), 'utf8');
    for (const _ of decodingLocal(text, entries)) await setImmediate();
  } catch (error) {
    throw localDamaged(dir, name, error);
  }
  const steps = LocalList.building(entries);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}

function localDamaged(dir: string, name: string, error: unknown): Error {
  const details = { path: join(dir, name), feed: LOCAL_FEED, reason: messageOf(error) };
  return indicatorErrors.INDICATORS_SEGMENT_DAMAGED(details, { cause: error });
}

function openSync(dir: string, feed: FeedInfo, { segment, values }: LayerInfo): Segment {
  return Segment.openSync(feed.name, join(dir, segment), join(dir, values));
}

function isCurrent(dir: string, manifest: Manifest): boolean {
  return readManifest(dir).generation === manifest.generation;
}

function release(segments: Iterable<Segment>): void {
  for (const segment of segments) segment.release();
}

function problemOf(feed: string, error: unknown): FeedProblem {
  const code = error instanceof GatewayError ? error.code : 'INDICATORS_SEGMENT_DAMAGED';
  return { feed, code, message: messageOf(error) };
}
