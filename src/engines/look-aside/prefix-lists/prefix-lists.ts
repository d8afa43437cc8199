import { hash } from 'node:crypto';
import {
  type Clock,
  type Log,
  type Match,
  type Metrics,
  messageOf,
  type Severity,
  type Tlp,
  TLPS,
} from '../../../kernel/index.ts';
import { type FullHashAnswer, FullHashCache } from '../../../protocols/safe-browsing/index.ts';
import { type CanonicalUrl, canonicalUrl } from '../../../protocols/url/index.ts';
import type { LookAsideConfig } from '../../config/index.ts';
import { isRecord, percentIn, severityIn, wordIn } from '../answer.ts';
import { hostQuestion, privacyRule } from '../question.ts';
import { loadPrefixLists, type LoadedLists, paced, prefixListsVersion } from './files.io.ts';
import { PrefixIndex } from './prefix-index.ts';
import { answersIn, type HashQuestion } from './wire.ts';

/**
 * URLs that lists of hash prefixes may know: the prefix is looked up here, the full hashes behind one that fits are asked
 * for, and only that prefix leaves the house. Whoever decides calls `prepare` first and waits where it says so; look-ups
 * answer from what is known by then, so a server that is slow or away blocks nothing.
 */
export interface PrefixLists {
  /**
   * Asks about the URL where somebody has to be asked; `undefined`: nothing to wait for. Never rejects. `isDecided` is called
   * only then, and says that what others know would change nothing.
   */
  prepare(url: CanonicalUrl, isDecided?: () => boolean): Promise<void> | undefined;
  lookupUrl(url: CanonicalUrl): readonly Match[];
  /** A canonical host: what is listed for all of it. */
  lookupHost(host: string): readonly Match[];
  /** Takes over the lists as they are in the files now, where they have changed. */
  refresh(): Promise<void>;
  /** No feed has such lists: nobody is ever asked. */
  readonly isEmpty: boolean;
}

export interface PrefixListsOptions {
  readonly dataDir: string;
  readonly config: Pick<LookAsideConfig, 'cacheEntriesMax' | 'waitingMax' | 'privateSuffixes'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Answers a `HashQuestion`, or rejects; `undefined`: nobody can be asked here. */
  readonly ask: ((question: HashQuestion, timeoutMs: number) => Promise<unknown>) | undefined;
}

/** URLs whose digests are remembered; a piece of a bulk query has some thousand. */
const HITS_MAX = 8192;
const NONE: readonly Match[] = Object.freeze([]);
const NO_HITS: readonly Hit[] = Object.freeze([]);

/** What one feed has, and how its matches are told. */
interface Feed {
  readonly name: string;
  readonly index: PrefixIndex;
  readonly cache: FullHashCache;
  readonly states: readonly string[];
  readonly action: 'block' | 'label';
  /** Instead of what the server says; `undefined`: what it says. */
  readonly category: string | undefined;
  readonly severity: Severity;
  readonly confidence: number;
  readonly tlp: Tlp;
  readonly licence: string;
  readonly lookupTimeoutMs: number;
  /** When the lists were fetched. */
  readonly atMs: number;
}

/** An expression whose hash begins as an entry does. */
interface Hit {
  readonly feed: Feed;
  readonly expression: string;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  readonly prefix: string;
}

export function createPrefixLists(options: PrefixListsOptions): PrefixLists {
  return new Lists(options);
}

class Lists implements PrefixLists {
  readonly #options: PrefixListsOptions;
  readonly #isPrivate: (host: string) => boolean;
  readonly #waiting = new Map<string, Promise<void>>();
  #feeds: readonly Feed[] = [];
  /** By the URL's key. */
  readonly #hits = new Map<string, readonly Hit[]>();
  #reloading: Promise<void> | undefined;
  #isStale = false;
  #version: string | undefined;

  constructor(options: PrefixListsOptions) {
    this.#options = options;
    const isPrivate = privacyRule({ privateSuffixes: options.config.privateSuffixes, urlQueries: true });
    this.#isPrivate = (host) => isPrivate(hostQuestion(host));
  }

  get isEmpty(): boolean {
    return this.#feeds.length === 0;
  }

  prepare(url: CanonicalUrl, isDecided?: () => boolean): Promise<void> | undefined {
    if (this.#feeds.length === 0) return undefined;
    const now = this.#options.clock.now();
    const unknown = this.#hitsOf(url).filter(
      ({ feed, prefix, hash: whole }) => feed.cache.opinion(prefix, whole, now) === undefined,
    );
    if (unknown.length === 0 || isDecided?.() === true) return undefined;
    const asked = [...Map.groupBy(unknown, ({ feed }) => feed)].map(([feed, hits]) =>
      this.#ask(feed, [...new Set(hits.map(({ prefix }) => prefix))].toSorted()),
    );
    return asked.length === 1 ? asked[0] : Promise.all(asked).then(() => undefined);
  }

  lookupUrl(url: CanonicalUrl): readonly Match[] {
    if (this.#feeds.length === 0) return NONE;
    const hits = this.#hitsOf(url);
    return hits.length === 0 ? NONE : this.#matches(hits);
  }

  lookupHost(host: string): readonly Match[] {
    const url = this.#feeds.length === 0 ? undefined : canonicalUrl(`http://${host}/`);
    return url === undefined ? NONE : this.lookupUrl(url);
  }

  /** Several calls at once share one pass, and one more where something came in meanwhile. */
  refresh(): Promise<void> {
    this.#isStale = true;
    this.#reloading ??= this.#reloadAll().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  async #reloadAll(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const version = prefixListsVersion(this.#options.dataDir);
      if (version === this.#version) continue;
      // The version was looked at before: what changes while it is read is seen at the next time.
      const { loaded, problems } = await loadPrefixLists(this.#options.dataDir);
      for (const feed of problems) {
        this.#options.log.error('prefix-lists.damaged', {
          feed,
          hint: `its file was left out; fetch it again: feed sync ${feed} --force`,
        });
      }
      const feeds: Feed[] = [];
      for (const lists of loaded) feeds.push(this.#feedOf(lists, await paced(PrefixIndex.of(lists.lists))));
      this.#feeds = feeds;
      this.#version = version;
      this.#hits.clear();
    }
  }

  #feedOf({ feed: name, lists, about }: LoadedLists, index: PrefixIndex): Feed {
    const said = isRecord(about) ? about : {};
    const known = this.#feeds.find((feed) => feed.name === name);
    const { lookupTimeoutMs, atMs } = said;
    return {
      name,
      index,
      // Answers stay true when a list changes: the server has said for how long.
      cache: known?.cache ?? new FullHashCache(this.#options.config.cacheEntriesMax),
      states: lists.map(({ token }) => Buffer.from(token).toString('base64')),
      action: said['action'] === 'label' ? 'label' : 'block',
      category: typeof said['category'] === 'string' ? wordIn(said['category']) : undefined,
      severity: severityIn(said['severity']),
      confidence: percentIn(said['confidence']),
      tlp: TLPS.find((each) => each === said['tlp']) ?? 'green',
      licence: wordIn(said['licence']),
      lookupTimeoutMs: typeof lookupTimeoutMs === 'number' ? lookupTimeoutMs : 1000,
      atMs: typeof atMs === 'number' ? atMs : 0,
    };
  }

  /** Whoever prepares a URL looks it up right after, and many ask for the same: its dozen digests are computed once. */
  #hitsOf(url: CanonicalUrl): readonly Hit[] {
    const known = this.#hits.get(url.key);
    if (known !== undefined) return known;
    let hits: Hit[] | undefined;
    for (const expression of url.expressions()) {
      const digest = hash('sha256', expression, 'buffer');
      for (const feed of this.#feeds) {
        for (const prefix of feed.index.prefixesOf(digest)) {
          hits ??= [];
          hits.push({ feed, expression, hash: digest.toString('hex'), prefix });
        }
      }
    }
    const found = hits === undefined || this.#isPrivate(url.host) ? NO_HITS : hits;
    if (this.#hits.size >= HITS_MAX) this.#hits.clear();
    this.#hits.set(url.key, found);
    return found;
  }

  #matches(hits: readonly Hit[]): readonly Match[] {
    const now = this.#options.clock.now();
    const matches: Match[] = [];
    for (const { feed, expression, hash: whole, prefix } of hits) {
      const opinion = feed.cache.opinion(prefix, whole, now);
      if (opinion?.kind !== 'threat') continue;
      const { action, severity, confidence, tlp, licence, atMs } = feed;
      for (const category of feed.category === undefined ? opinion.categories : [feed.category]) {
        matches.push({
          feed: feed.name,
          entry: expression,
          kind: 'url',
          action,
          category,
          severity,
          confidence,
          tlp,
          // Nobody says since when it is listed: it was at the time of the lists.
          addedAt: new Date(atMs).toISOString(),
          ageS: Math.max(0, Math.floor((now - atMs) / 1000)),
          expiresAt: new Date(opinion.untilMs).toISOString(),
          licence,
        });
      }
    }
    return matches;
  }

  #ask(feed: Feed, prefixes: readonly string[]): Promise<void> {
    const { ask, config } = this.#options;
    const key = `${feed.name} ${prefixes.join(' ')}`;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return this.#counted(feed, 'joined', waiting);
    if (ask === undefined) return this.#counted(feed, 'nobody', Promise.resolve());
    if (this.#waiting.size >= config.waitingMax) return this.#counted(feed, 'busy', Promise.resolve());
    const question = { feed: feed.name, prefixes, states: feed.states };
    const asked = ask(question, feed.lookupTimeoutMs)
      .then(
        (told) => this.#learn(feed, prefixes, told),
        // Fail open: the request goes on with what is known.
        (error: unknown) => {
          this.#count(feed, 'failed');
          this.#options.log.debug('prefix-lists.no-answer', { feed: feed.name, error: messageOf(error) });
        },
      )
      .finally(() => void this.#waiting.delete(key));
    this.#waiting.set(key, asked);
    return asked;
  }

  #learn(feed: Feed, prefixes: readonly string[], told: unknown): void {
    const answers = answersIn(told, prefixes);
    if (typeof answers === 'string') {
      this.#count(feed, answers);
      return;
    }
    const now = this.#options.clock.now();
    for (const answer of answers) feed.cache.learn(atLeast(answer), now);
    this.#count(feed, answers.some(({ found }) => found.length > 0) ? 'found' : 'nothing');
  }

  #counted<T>(feed: Feed, how: string, answer: T): T {
    this.#count(feed, how);
    return answer;
  }

  #count(feed: Feed, how: string): void {
    this.#options.metrics.counter('look_aside_prefix_hits_total', feed.name, how).add();
  }
}

/** The look-up that follows the question must find the answer, even where the server wants nothing to be kept. */
const KEEP_MS = 1000;

function atLeast({ prefix, found, othersForMs }: FullHashAnswer): FullHashAnswer {
  return {
    prefix,
    found: found.map((each) => ({ ...each, forMs: Math.max(each.forMs, KEEP_MS) })),
    othersForMs: Math.max(othersForMs, KEEP_MS),
  };
}
