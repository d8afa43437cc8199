import type { EventRow } from './event.ts';
import type { EventSearch } from './query.ts';
import type { EventPage } from './search.io.ts';
import type { Stored, WriterLimits } from './writer.io.ts';

export interface WriterStart {
  readonly dir: string;
  readonly limits: WriterLimits;
}

export type ToWriter =
  | { readonly kind: 'write'; readonly id: number; readonly rows: readonly EventRow[] }
  | { readonly kind: 'tidy' }
  | { readonly kind: 'close' };

export type FromWriter =
  | { readonly kind: 'stored'; readonly id: number; readonly stored: Stored }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string }
  | { readonly kind: 'tidied'; readonly removed: number; readonly reason?: string };

export interface SearcherStart {
  readonly dir: string;
  readonly budgetMs: number;
}

export interface ToSearcher {
  readonly id: number;
  readonly query: EventSearch;
}

export type FromSearcher =
  | { readonly id: number; readonly page: EventPage }
  | { readonly id: number; readonly reason: string };
