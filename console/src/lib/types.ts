import type * as api from '../../../client/index.ts';

/** Shapes of the API under the names that the pages use. */
export type StoredEvent = api.Event;
export type Explanation = Omit<api.Explanation, 'tried'> & {
  /** Rules of the policy stand at a line of it. */
  readonly tried: readonly (api.Explanation['tried'][number] & { readonly line?: number })[];
};
export type Lookup = api.Lookup;
export type Verdict = api.Lookup['verdict'];
export type Match = api.Match;
export type ConfigVersion = api.ConfigVersion;
export type Difference = api.Difference;
export type FeedSubscription = api.Feed;
export type Policy = api.Policy;

// What follows the API's document leaves open; it is what the commands behind it write.

export interface PolicyCheck {
  readonly rules: number;
  readonly warnings: readonly { readonly path: string; readonly message: string }[];
  /** Lines that begin with `+`, `-` or a space. */
  readonly diff: readonly string[];
}

export interface StoredFeed {
  readonly name: string;
  readonly action: string;
  readonly category: string;
  readonly format: string;
  readonly source: string;
  readonly entries: number;
  readonly importedAt: string;
  readonly rejected: number;
  readonly bytes: number;
}

export interface LocalIndicator {
  readonly kind: string;
  readonly value: string;
  readonly action: string;
  readonly note?: string;
  readonly addedAt: string;
  readonly expiresAt?: string;
}

export type PredictionMode = 'off' | 'monitor' | 'block';

export interface ListOut {
  readonly name: string;
  readonly origin: 'stored' | 'built-in' | 'feed';
  readonly public: boolean;
  readonly note: string;
  readonly filter: {
    readonly action: string;
    readonly feeds: readonly string[];
    readonly kinds: readonly string[];
    readonly categories: readonly string[];
    readonly severityMin: string;
    readonly tlpMax: string;
    readonly maxAgeS?: number;
  };
}

/** What was written of an export in one format. */
export interface RenderedList {
  readonly format: string;
  readonly kind: string | null;
  readonly entries: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly builtAt: string;
}

export interface WrittenCollection {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

export interface Settings {
  readonly networks: { readonly internal: readonly string[] };
  readonly prediction: {
    readonly files: PredictionMode;
    readonly urls: PredictionMode;
    readonly suspiciousFrom: number;
    readonly maliciousFrom: number;
  };
}

export interface PolicyTestResult {
  readonly name: string;
  readonly passed: boolean;
  readonly decision: string;
  readonly rule: string;
  readonly line?: number | null;
  readonly differences?: readonly string[];
}
