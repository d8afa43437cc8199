import type { Clock } from '../../../kernel/index.ts';
import type { FeedClient } from '../http/client.io.ts';
import type { BodyLimits } from '../http/spool.io.ts';
import type { Subscription } from '../subscription.ts';

/** Bounds of what one fetch may take. */
export interface SourceLimits extends BodyLimits {
  readonly pagesMax: number;
  readonly objectsMax: number;
  /** One page of TAXII, one event of MISP, one small file. */
  readonly documentBytesMax: number;
  readonly pageObjects: number;
  readonly eventFetchesMax: number;
  readonly lineBytesMax: number;
  /** Of all lists of one Safe Browsing server, each. */
  readonly prefixesMax: number;
}

export type Cursor = Readonly<Record<string, string>>;

/** What a source works with. It changes nothing but files of its two folders. */
export interface FetchContext {
  readonly feed: Subscription;
  /** The URL with the secret in it, where auth is `url`. */
  readonly url: string;
  readonly client: FeedClient;
  /** Emptied before each fetch. */
  readonly workDir: string;
  /** Kept between fetches: what an incremental source must remember. */
  readonly cacheDir: string;
  /** Of the last success; `undefined`: everything is wanted. */
  readonly cursor: Cursor | undefined;
  readonly limits: SourceLimits;
  readonly clock: Clock;
  progress(step: string, done: number, total: number | undefined): void;
}

export type Fetched =
  | {
      readonly kind: 'unchanged';
      readonly cursor: Cursor;
      readonly wireBytes: number;
      /** The server wants to be asked no sooner. */
      readonly notBeforeMs?: number;
    }
  | {
      readonly kind: 'changed';
      readonly file: string;
      readonly format: string;
      readonly mode: 'replace' | 'merge';
      readonly cursor: Cursor;
      readonly wireBytes: number;
      /** When the server says that it changed it. */
      readonly upstreamAtMs: number | undefined;
      /** The server wants to be asked no sooner. */
      readonly notBeforeMs?: number;
      /** What the operator may want to know; sentences. */
      readonly notes: readonly string[];
      /** After the import has succeeded: what was learned is kept. */
      commit(): void;
    };

export type Source = (context: FetchContext) => Promise<Fetched>;
