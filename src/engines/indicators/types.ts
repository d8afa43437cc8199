import type { Match, MatchAction, Severity, Tlp } from '../../kernel/index.ts';
import type { CanonicalUrl } from '../../protocols/url/index.ts';
import type { IndicatorKind } from './keys.ts';
import type { FeedInfo } from './manifest.ts';

/** An entry with everything that is stored of it. Times are seconds since 1970. */
export interface StoredEntry {
  readonly kind: IndicatorKind;
  readonly value: string;
  readonly action: MatchAction;
  readonly category: string;
  readonly severity: Severity;
  /** 0 to 100. */
  readonly confidence: number;
  readonly tlp: Tlp;
  /** When it was first imported. */
  readonly addedAtS: number;
  readonly firstSeenS?: number | undefined;
  readonly lastSeenS?: number | undefined;
  /** From then on it does not match. */
  readonly expiresAtS?: number | undefined;
  /** What the list says besides; empty when nothing. */
  readonly note: string;
  /** Where the list has it from; empty when it does not say. */
  readonly reference: string;
}

/** What a selection of prefixes may go by. */
export interface PrefixAttributes {
  /** Name of the feed, or `local`. */
  readonly feed: string;
  readonly category: string;
  readonly severity: Severity;
  readonly kind: IndicatorKind;
  readonly tlp: Tlp;
  readonly confidence: number;
}

/** A blocking entry whose expression has the prefix that was asked for. */
export interface PrefixMatch {
  /** SHA-256 of the expression, 32 bytes. */
  readonly hash: Uint8Array;
  /** The Safe Browsing expression: `evil.example/`, `evil.example/a?b`. */
  readonly expression: string;
  readonly feed: string;
  readonly entry: StoredEntry;
}

/** One entry of the operator's own lists. */
export interface LocalEntry {
  readonly kind: IndicatorKind;
  readonly value: string;
  readonly action: 'allow' | 'block';
  readonly category: string;
  readonly severity: Severity;
  readonly confidence: number;
  readonly tlp: Tlp;
  readonly note: string;
  /** ISO 8601, UTC. */
  readonly addedAt: string;
  /** ISO 8601, UTC: from then on it does not match. */
  readonly expiresAt?: string | undefined;
}

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

/**
 * What an edge knows. All look-ups are synchronous; matches are sorted, the one that decides first. What has
 * expired does not match.
 */
export interface IndicatorReader {
  /** Names the state that look-ups are made from; goes up with every change. */
  readonly generation: string;
  readonly counts: IndicatorCounts;
  /** Whether anything is listed by an MD5 or SHA-1. Without, nobody has to compute them. */
  readonly hasWeakHashes: boolean;
  readonly feeds: readonly FeedInfo[];
  readonly local: readonly LocalEntry[];
  /** Feeds that were damaged when the process started. Empty in good times. */
  readonly problems: readonly FeedProblem[];
  lookupUrl(url: CanonicalUrl): readonly Match[];
  /** A canonical host (`canonicalHost`): its entry, its parent domains, and networks if it is an address. */
  lookupHost(host: string): readonly Match[];
  /** An address in text form; a text that is none matches nothing. */
  lookupAddress(text: string): readonly Match[];
  /** Lower-case hexadecimal of 32, 40 or 64 digits: MD5, SHA-1, SHA-256; anything else matches nothing. */
  lookupHash(hex: string): readonly Match[];
  /** A mail address in lower case: its own entry, then what is known of its domain. */
  lookupEmail(address: string): readonly Match[];
  /** Everything stored about a match; reads the texts of the list, for explain and look-ups in full. */
  describe(match: Match): StoredEntry | undefined;
  /**
   * Entries of a feed, or of `local`, in an order that is stable for a generation, without what has expired or
   * is replaced by a newer one. Slow: for exports and listings. Throws `INDICATORS_FEED_UNKNOWN`.
   */
  entries(feed: string): Iterable<StoredEntry>;
  /**
   * The first four bytes (as a number, big-endian) of the SHA-256 of the expressions of all blocking URL,
   * domain, host and address entries that `select` takes: sorted, each once. An expression that is decided
   * otherwise, by a local allow for example, is left out. Works in slices of milliseconds.
   */
  prefixes(select: (entry: PrefixAttributes) => boolean): Promise<Uint32Array>;
  /** The blocking entries whose expression hash starts with these 4 to 32 bytes. */
  byPrefix(prefix: Uint8Array): readonly PrefixMatch[];
  /**
   * Takes over what was imported since. Reads and checks new files beside the old ones and swaps at the
   * end: when it rejects, the old state stays in use.
   */
  reload(): Promise<void>;
  close(): void;
}
