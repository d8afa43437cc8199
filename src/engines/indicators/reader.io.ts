import type { Clock, Match } from '../../kernel/index.ts';
import type { CanonicalUrl } from '../../protocols/url/index.ts';
import { indicatorErrors } from './errors.ts';
import { FeedSource } from './feed-source.ts';
import { KINDS, noKinds } from './keys.ts';
import { LocalList } from './local-list.ts';
import { Lookup } from './lookup.ts';
import { EMPTY_MANIFEST, type FeedInfo, LOCAL_FEED } from './manifest.ts';
import { entriesByPrefix, prefixesOf } from './prefix-walk.io.ts';
import { loadBeside, type Loaded, loadSync } from './reader-state.io.ts';
import type {
  FeedProblem,
  IndicatorCounts,
  IndicatorReader,
  LocalEntry,
  PrefixAttributes,
  PrefixMatch,
  StoredEntry,
} from './types.ts';

/** Opens what is there. A damaged feed is left out and named in `problems`; a damaged manifest throws. */
export function openIndicators(dir: string, clock: Clock): IndicatorReader {
  return new Reader(dir, clock);
}

interface State extends Loaded {
  /** Feeds by name, warning lists too. */
  readonly feeds: ReadonlyMap<string, FeedSource>;
  /** What look-ups ask: the local lists first. */
  readonly sources: readonly (FeedSource | LocalList)[];
  readonly lookup: Lookup;
  readonly hasWeakHashes: boolean;
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
    this.#state = this.#assemble(loadSync(dir));
  }

  get generation(): string {
    return String(this.#state.manifest.generation);
  }

  get feeds(): readonly FeedInfo[] {
    return this.#state.manifest.feeds;
  }

  get local(): readonly LocalEntry[] {
    return this.#state.local.list;
  }

  get problems(): readonly FeedProblem[] {
    return this.#state.problems;
  }

  get counts(): IndicatorCounts {
    const { feeds } = this.#state.manifest;
    const kinds = noKinds();
    for (const feed of feeds) for (const kind of KINDS) kinds[kind] += feed.kinds[kind];
    for (const entry of this.local) kinds[entry.kind]++;
    const entries = KINDS.reduce((sum, kind) => sum + kinds[kind], 0);
    return { entries, feeds: feeds.length, local: this.local.length, kinds };
  }

  get hasWeakHashes(): boolean {
    return this.#state.hasWeakHashes;
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

  lookupHash(hex: string): readonly Match[] {
    return this.#state.lookup.hash(hex);
  }

  lookupEmail(address: string): readonly Match[] {
    return this.#state.lookup.email(address);
  }

  describe(match: Match): StoredEntry | undefined {
    return this.#source(match.feed)?.stored(match.kind, match.entry);
  }

  entries(feed: string): Iterable<StoredEntry> {
    if (this.#source(feed) === undefined) throw indicatorErrors.INDICATORS_FEED_UNKNOWN({ name: feed });
    return this.#entriesOf(feed);
  }

  prefixes(select: (entry: PrefixAttributes) => boolean): Promise<Uint32Array> {
    return prefixesOf(this.#state.sources, this.#nowS, select);
  }

  byPrefix(prefix: Uint8Array): readonly PrefixMatch[] {
    return entriesByPrefix(this.#state.sources, this.#nowS, prefix);
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
    const { segments } = this.#state;
    this.#state = this.#assemble({
      manifest: EMPTY_MANIFEST,
      segments: new Map(),
      local: LocalList.of([]),
      problems: [],
    });
    for (const segment of segments.values()) segment.release();
  }

  get #nowS(): number {
    return Math.floor(this.#clock.now() / 1000);
  }

  #source(feed: string): FeedSource | LocalList | undefined {
    return feed === LOCAL_FEED ? this.#state.local : this.#state.feeds.get(feed);
  }

  /** Asks for the state when the first entry is wanted: before, nobody keeps its files open. */
  *#entriesOf(feed: string): Generator<StoredEntry> {
    const source = this.#source(feed);
    if (source !== undefined) yield* source.entries(this.#nowS);
  }

  async #reloadAll(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const old = this.#state;
      const next = this.#assemble(await loadBeside(this.#dir, old));
      this.#state = next;
      // Look-ups are synchronous, so none is under way in what is let go here; walks retain what they use.
      for (const [name, segment] of old.segments) if (!next.segments.has(name)) segment.release();
    }
  }

  #assemble(loaded: Loaded): State {
    const feeds = new Map<string, FeedSource>();
    for (const feed of loaded.manifest.feeds) {
      const layers = feed.layers.map((layer) => loaded.segments.get(layer.segment));
      // Without one of its layers a feed would say what it no longer says.
      const opened = layers.filter((layer) => layer !== undefined);
      if (opened.length === layers.length) feeds.set(feed.name, new FeedSource(feed, opened));
    }
    const asked = [...feeds.values()].filter((source) => source.info.action !== 'suppress');
    const sources = loaded.local.list.length === 0 ? asked : [loaded.local, ...asked];
    const hasWeakHashes = sources.some((source) => source.hasWeakHashes);
    return { ...loaded, feeds, sources, lookup: new Lookup(sources, this.#clock), hasWeakHashes };
  }
}
