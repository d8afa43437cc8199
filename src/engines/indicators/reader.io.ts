import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, GatewayError, type Match, messageOf } from '../../kernel/index.ts';
import type { CanonicalUrl } from '../../protocols/url/index.ts';
import { indicatorErrors } from './errors.ts';
import { type IndicatorKind, KINDS } from './keys.ts';
import { type LocalEntry, LocalList } from './local-list.ts';
import { Lookup, type Source } from './lookup.ts';
import { EMPTY_MANIFEST, type FeedInfo, LOCAL_FEED, type Manifest } from './manifest.ts';
import { Segment, type StoredEntry } from './segment.io.ts';
import { readManifest } from './store.io.ts';

export interface IndicatorCounts {
  /** Of all feeds and the local lists. */
  readonly entries: number;
  readonly feeds: number;
  readonly local: number;
  readonly kinds: Readonly<Record<IndicatorKind, number>>;
}

/** A feed that cannot be used, and why. The others are. */
export interface FeedProblem {
  readonly feed: string;
  readonly code: string;
  readonly message: string;
}

/** What an edge knows. All look-ups are synchronous; matches are sorted, the one that decides first. */
export interface IndicatorReader {
  /** Names the state that look-ups are made from; goes up with every change. */
  readonly generation: string;
  readonly counts: IndicatorCounts;
  readonly feeds: readonly FeedInfo[];
  readonly local: readonly LocalEntry[];
  /** Feeds that were damaged when the process started. Empty in good times. */
  readonly problems: readonly FeedProblem[];
  lookupUrl(url: CanonicalUrl): readonly Match[];
  /** A canonical host (`canonicalHost`): its entry, its parent domains, and networks if it is an address. */
  lookupHost(host: string): readonly Match[];
  /** An address in text form; a text that is none matches nothing. */
  lookupAddress(text: string): readonly Match[];
  /** Entries of a feed in the order of its list, duplicates left out; slow, for exports and listings. */
  entries(feed: string): Iterable<StoredEntry>;
  /**
   * Takes over what was imported since. Reads and checks new files beside the old ones and swaps at the
   * end: when it rejects, the old state stays in use.
   */
  reload(): Promise<void>;
  close(): void;
}

/** Opens what is there. A damaged feed is left out and named in `problems`; a damaged manifest throws. */
export function openIndicators(dir: string, clock: Clock): IndicatorReader {
  return new Reader(dir, clock);
}

interface State {
  readonly manifest: Manifest;
  /** By the name of the segment file. */
  readonly segments: ReadonlyMap<string, Segment>;
  readonly local: LocalList;
  readonly lookup: Lookup;
  readonly problems: readonly FeedProblem[];
}

class Reader implements IndicatorReader {
  readonly #dir: string;
  readonly #clock: Clock;
  #state: State;
  #reloading: Promise<void> | undefined;
  #isStale = false;

  constructor(dir: string, clock: Clock) {
    this.#dir = dir;
    this.#clock = clock;
    this.#state = this.#openFirst();
  }

  get generation(): string {
    return String(this.#state.manifest.generation);
  }

  get feeds(): readonly FeedInfo[] {
    return this.#state.manifest.feeds;
  }

  get local(): readonly LocalEntry[] {
    return this.#state.local.entries;
  }

  get problems(): readonly FeedProblem[] {
    return this.#state.problems;
  }

  get counts(): IndicatorCounts {
    const { feeds } = this.#state.manifest;
    const kinds: Record<IndicatorKind, number> = { domain: 0, host: 0, url: 0, address: 0, network: 0 };
    for (const feed of feeds) for (const kind of KINDS) kinds[kind] += feed.kinds[kind];
    for (const entry of this.local) kinds[entry.kind]++;
    const entries = KINDS.reduce((sum, kind) => sum + kinds[kind], 0);
    return { entries, feeds: feeds.length, local: this.local.length, kinds };
  }

  lookupUrl(url: CanonicalUrl): readonly Match[] {
    return this.#state.lookup.url(url);
  }

  lookupHost(host: string): readonly Match[] {
    return this.#state.lookup.host(host);
  }

  lookupAddress(text: string): readonly Match[] {
    return this.#state.lookup.address(text);
  }

  entries(feed: string): Iterable<StoredEntry> {
    const info = this.feeds.find((each) => each.name === feed);
    const segment = info === undefined ? undefined : this.#state.segments.get(info.segment);
    if (segment === undefined) throw indicatorErrors.INDICATORS_FEED_UNKNOWN({ name: feed });
    return segment.entries();
  }

  /** Several calls at once share one pass, and one more where something came in meanwhile. */
  reload(): Promise<void> {
    this.#isStale = true;
    this.#reloading ??= this.#reloadAll().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  close(): void {
    for (const segment of this.#state.segments.values()) segment.close();
    this.#state = this.#assemble(EMPTY_MANIFEST, new Map(), new LocalList([]), []);
  }

  async #reloadAll(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      await this.#reloadOnce();
    }
  }

  async #reloadOnce(): Promise<void> {
    const old = this.#state;
    const fresh: Segment[] = [];
    try {
      const next = this.#open(
        (feed) => {
          const same = old.segments.get(feed.segment);
          if (same !== undefined) return same;
          const segment = this.#segment(feed);
          fresh.push(segment);
          return segment;
        },
        (manifest) => this.#local(manifest),
      );
      const used = new Set(next.segments.values());
      for (const segment of fresh) await (used.has(segment) ? segment.verify() : segment.close());
      this.#state = next;
      // Look-ups are synchronous, so none is under way in what is closed here.
      for (const segment of old.segments.values()) if (!used.has(segment)) segment.close();
    } catch (error) {
      for (const segment of fresh) segment.close();
      throw error;
    }
  }

  #openFirst(): State {
    const problems: FeedProblem[] = [];
    const opened: Segment[] = [];
    const failed = (feed: string, error: unknown): void => {
      const code = error instanceof GatewayError ? error.code : 'INDICATORS_SEGMENT_DAMAGED';
      problems.push({ feed, code, message: messageOf(error) });
    };
    const state = this.#open(
      (feed) => {
        try {
          const segment = this.#segment(feed);
          opened.push(segment);
          segment.verifySync();
          return segment;
        } catch (error) {
          failed(feed.name, error);
          return undefined;
        }
      },
      (manifest) => {
        try {
          return this.#local(manifest);
        } catch (error) {
          failed(LOCAL_FEED, error);
          return new LocalList([]);
        }
      },
      problems,
    );
    const used = new Set(state.segments.values());
    for (const segment of opened) if (!used.has(segment)) segment.close();
    return state;
  }

  /** Between the manifest and its files an import may have removed some; then there is a newer manifest. */
  #open(
    openSegment: (feed: FeedInfo) => Segment | undefined,
    openLocal: (manifest: Manifest) => LocalList,
    problems: FeedProblem[] = [],
  ): State {
    for (let attempt = 1; ; attempt++) {
      const manifest = readManifest(this.#dir);
      const isCurrent = (): boolean => readManifest(this.#dir).generation === manifest.generation;
      try {
        const segments = new Map<string, Segment>();
        for (const feed of manifest.feeds) {
          const segment = openSegment(feed);
          if (segment !== undefined) segments.set(feed.segment, segment);
        }
        const state = this.#assemble(manifest, segments, openLocal(manifest), problems);
        if (problems.length === 0 || attempt === 3 || isCurrent()) return state;
      } catch (error) {
        if (attempt === 3 || isCurrent()) throw error;
      }
      problems.length = 0;
    }
  }

  #local(manifest: Manifest): LocalList {
    return new LocalList(manifest.local === undefined ? [] : readLocal(this.#dir, manifest.local));
  }

  #segment(feed: FeedInfo): Segment {
    return new Segment(feed.name, join(this.#dir, feed.segment), join(this.#dir, feed.values));
  }

  #assemble(
    manifest: Manifest,
    segments: ReadonlyMap<string, Segment>,
    local: LocalList,
    problems: readonly FeedProblem[],
  ): State {
    const sources: Source[] = local.entries.length === 0 ? [] : [localSource(local)];
    for (const feed of manifest.feeds) {
      const segment = segments.get(feed.segment);
      if (segment !== undefined) sources.push(feedSource(feed, segment));
    }
    return { manifest, segments, local, lookup: new Lookup(sources, this.#clock), problems };
  }
}

/** The local lists of a manifest. */
export function readLocal(dir: string, name: string): readonly LocalEntry[] {
  const path = join(dir, name);
  try {
    // Our own writer made it, and it is renamed into place whole.
    return JSON.parse(readFileSync(path, 'utf8')) as readonly LocalEntry[];
  } catch (error) {
    throw indicatorErrors.INDICATORS_SEGMENT_DAMAGED(
      { path, feed: LOCAL_FEED, reason: messageOf(error) },
      { cause: error },
    );
  }
}

function localSource(list: LocalList): Source {
  return {
    feed: LOCAL_FEED,
    licence: '',
    priority: 0,
    filter: list.filter,
    prefixes4: list.prefixes4,
    prefixes6: list.prefixes6,
    find: (key) => list.find(key),
  };
}

function feedSource(feed: FeedInfo, segment: Segment): Source {
  return {
    feed: feed.name,
    licence: feed.licence,
    priority: feed.priority,
    filter: segment.filter,
    prefixes4: segment.directory.prefixes4,
    prefixes6: segment.directory.prefixes6,
    find: (key) => segment.find(key),
  };
}
