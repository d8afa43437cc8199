import { createHash } from 'node:crypto';
import type { IndicatorReader } from '../indicators/index.ts';

/** One page of a list, as hashlookup gives it. `cursor` is '0' on the last one. */
export interface RelationPage {
  readonly hashes: readonly string[];
  readonly cursor: string;
  readonly total: number;
  /** Not everything is in memory: the bound was reached. */
  readonly isPartial: boolean;
}

export interface PageRequest {
  readonly count: number;
  readonly cursor: string;
}

/**
 * The name of a parent. The API knows parents by SHA-1; ours are reports, events and packages, which have a name
 * but no bytes, so it is the SHA-1 of the name.
 */
export function parentId(reference: string): string {
  return createHash('sha1').update(reference).digest('hex');
}

/** Entries between two turns of the event loop. */
const SLICE = 500;

type Lists = ReadonlyMap<string, readonly string[]>;

interface Index {
  readonly generation: string;
  readonly parents: Lists;
  readonly children: Lists;
  readonly isPartial: boolean;
}

export interface RelationsOptions {
  readonly reader: () => Pick<IndicatorReader, 'generation' | 'feeds' | 'entries'>;
  readonly relationsMax: () => number;
  /** Lets others have their turn. */
  readonly turn: () => Promise<void>;
}

/**
 * Which report or package holds which file: made from the references of hash entries at the first question, and
 * anew when the lists have changed. It reads whole feeds, so it is for control and not for an edge.
 */
export class Relations {
  readonly #options: RelationsOptions;
  #index: Index | undefined;
  #making: Promise<Index> | undefined;

  constructor(options: RelationsOptions) {
    this.#options = options;
  }

  async parents(hash: string, page: PageRequest): Promise<RelationPage | undefined> {
    const index = await this.#current();
    return pageOf(index, index.parents.get(hash), page);
  }

  async children(parent: string, page: PageRequest): Promise<RelationPage | undefined> {
    const index = await this.#current();
    return pageOf(index, index.children.get(parent), page);
  }

  #current(): Promise<Index> | Index {
    const { generation } = this.#options.reader();
    if (this.#index?.generation === generation) return this.#index;
    this.#making ??= this.#make(generation).finally(() => void (this.#making = undefined));
    return this.#making;
  }

  async #make(generation: string): Promise<Index> {
    const reader = this.#options.reader();
    const relationsMax = this.#options.relationsMax();
    const parents = new Map<string, string[]>();
    const children = new Map<string, string[]>();
    const ids = new Map<string, string>();
    let isPartial = false;
    let steps = 0;
    for (const feed of reader.feeds) {
      if (feed.action === 'suppress' || feed.kinds.hash === 0) continue;
      for (const { kind, value, reference } of reader.entries(feed.name)) {
        if (++steps % SLICE === 0) await this.#options.turn();
        if (kind !== 'hash' || reference === '') continue;
        if (parents.size >= relationsMax && !parents.has(value)) {
          isPartial = true;
          continue;
        }
        let id = ids.get(reference);
        if (id === undefined) ids.set(reference, (id = parentId(reference)));
        if (addOnce(parents, value, id)) addTo(children, id, value);
      }
    }
    this.#index = { generation, parents, children, isPartial };
    return this.#index;
  }
}

function addTo(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** A hash has few parents; a parent may have very many children. */
function addOnce(lists: Map<string, string[]>, key: string, value: string): boolean {
  if (lists.get(key)?.includes(value) === true) return false;
  addTo(lists, key, value);
  return true;
}

function pageOf(
  { isPartial }: Index,
  list: readonly string[] | undefined,
  { count, cursor }: PageRequest,
): RelationPage | undefined {
  if (list === undefined) return undefined;
  const start = /^\d{1,9}$/.test(cursor) ? Number(cursor) : 0;
  const end = start + count;
  return {
    hashes: list.slice(start, end),
    cursor: end < list.length ? String(end) : '0',
    total: list.length,
    isPartial,
  };
}
