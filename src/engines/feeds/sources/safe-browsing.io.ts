import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Applied,
  applyV4Steps,
  applyV5Steps,
  type KeptLists,
  keptListsBytes,
  keptListsOf,
  type NamedList,
  NO_LIST,
  type Steps,
} from '../../../protocols/safe-browsing/index.ts';
import { feedErrors } from '../errors.ts';
import { ENCODINGS, readBody } from '../http/spool.io.ts';
import {
  type ApiPlace,
  readV4Update,
  readV5Update,
  updateRequest,
  type V4Response,
  type V5Response,
} from '../safe-browsing/api.ts';
import { listNames, v4List } from '../safe-browsing/lists.ts';
import type { FetchContext, Fetched } from './source.ts';

const KEPT = 'lists';
/** Rounds of one fetch: a server that gives a list in more pieces than this goes on at the next one. */
const ROUNDS_MAX = 64;

/**
 * Lists of hash prefixes of a Safe Browsing server, kept as its clients keep them: changes are applied to what was there and
 * checked against the server's checksum; a list that does not fit any more is thrown away and fetched whole, once.
 */
export async function fetchSafeBrowsing(context: FetchContext): Promise<Fetched> {
  const { feed, cacheDir, workDir, cursor, clock } = context;
  const names = listNames(feed);
  const kept = cursor === undefined ? undefined : await readKept(join(cacheDir, KEPT));
  const waitUntilMs = Number(cursor?.['waitUntil'] ?? 0);
  if (kept !== undefined && clock.now() < waitUntilMs) {
    return { kind: 'unchanged', cursor: cursor ?? {}, wireBytes: 0, notBeforeMs: waitUntilMs };
  }
  const update = new Update(context, names, kept);
  await update.run();
  const notBeforeMs = clock.now() + update.waitMs;
  const next = { waitUntil: String(notBeforeMs) };
  if (kept !== undefined && !update.isChanged) {
    return { kind: 'unchanged', cursor: next, wireBytes: update.bytes, notBeforeMs };
  }
  const lists = [...update.lists.values()];
  const file = join(workDir, KEPT);
  // What edges look the URLs up with says whose list it is.
  writeFileSync(file, await paced(keptListsBytes({ lists, about: aboutOf(context) })), { mode: 0o600 });
  const counts = lists.map(({ name, prefixes, longer }) => `${name} ${prefixes.length + longer.length}`);
  return {
    kind: 'changed',
    file,
    format: 'safe-browsing',
    mode: 'replace',
    cursor: next,
    wireBytes: update.bytes,
    upstreamAtMs: undefined,
    notBeforeMs,
    notes: [`Prefixes: ${counts.join(', ')}.`, ...update.notes],
    commit: () => renameSync(file, join(cacheDir, KEPT)),
  };
}

class Update {
  readonly lists = new Map<string, NamedList>();
  readonly notes: string[] = [];
  isChanged = false;
  bytes = 0;
  waitMs = 0;
  readonly #context: FetchContext;
  readonly #place: ApiPlace;
  /** Lists that were thrown away in this fetch. */
  readonly #renewed = new Set<string>();

  constructor(context: FetchContext, names: readonly string[], kept: KeptLists | undefined) {
    this.#context = context;
    this.#place = { ...context.feed, url: context.url };
    for (const name of names) {
      this.lists.set(name, kept?.lists.find((list) => list.name === name) ?? { ...NO_LIST, name });
    }
  }

  /** Asks until every list is whole. */
  async run(): Promise<void> {
    let wanted = [...this.lists.keys()];
    for (let round = 0; round < ROUNDS_MAX && wanted.length > 0; round++) {
      this.#context.progress('fetching lists', round, undefined);
      wanted = await this.#round(wanted);
    }
  }

  /** Names of lists that are to be asked for again at once. */
  async #round(names: readonly string[]): Promise<string[]> {
    const { client, limits } = this.#context;
    const place = this.#place;
    const request = updateRequest(
      place,
      names.map((name) => this.lists.get(name)!),
    );
    const answer = await client.get({ ...request, encodings: ENCODINGS });
    if (answer.status === 304) {
      answer.response.destroy();
      throw this.#unreadable('it says 304 to a question that has no condition');
    }
    const body = await readBody(answer, { ...limits, expandedBytesMax: limits.documentBytesMax });
    this.bytes += body.length;
    // Positions of raw removals are elements; a list has no more of them than entries.
    const itemsMax = 2 * limits.prefixesMax + 1000;
    if (place.api === 'v4') {
      const read = readV4Update(place, body, itemsMax);
      if (!read.ok) throw this.#unreadable(read.reason);
      return this.#takeV4(names, read.value);
    }
    const read = readV5Update(place, body, itemsMax);
    if (!read.ok) throw this.#unreadable(read.reason);
    return this.#takeV5(names, read.value);
  }

  async #takeV4(names: readonly string[], response: V4Response): Promise<string[]> {
    this.waitMs = Math.max(this.waitMs, response.minimumWaitDuration ?? 0);
    const again: string[] = [];
    for (const name of names) {
      const list = v4List(name);
      const update = response.listUpdateResponses.find(
        (each) => each.threatType === list?.threatType && each.platformType === list.platformType,
      );
      if (update === undefined) {
        this.#absent(name);
        continue;
      }
      const isRetried = await this.#take(name, (before, max) => applyV4Steps(before, update, max));
      // Without a wait a client may go on at once; there is more only where there was something.
      const hasMore =
        response.minimumWaitDuration === undefined && update.additions.length + update.removals.length > 0;
      if (isRetried || hasMore) again.push(name);
    }
    return again;
  }

  async #takeV5(names: readonly string[], response: V5Response): Promise<string[]> {
    const again: string[] = [];
    for (const name of names) {
      const update = response.hashLists.find((each) => each.name === name);
      if (update === undefined) {
        this.#absent(name);
        continue;
      }
      const { token } = this.lists.get(name)!;
      const isRetried = await this.#take(name, (before, max) => applyV5Steps(before, update, max));
      // "If omitted or zero, clients SHOULD fetch immediately": there is more of it.
      const hasMore = (update.minimumWaitDuration ?? 0) === 0 && !sameBytes(token, update.version);
      if (isRetried || hasMore) again.push(name);
      this.waitMs = Math.max(this.waitMs, update.minimumWaitDuration ?? 0);
    }
    return again;
  }

  /** True: the list did not fit, and is to be fetched whole. */
  async #take(name: string, apply: (before: NamedList, max: number) => Steps<Applied>): Promise<boolean> {
    const before = this.lists.get(name)!;
    const applied = await paced(apply(before, this.#context.limits.prefixesMax));
    if (applied.ok) {
      this.isChanged ||= !sameBytes(before.token, applied.list.token) || differs(before, applied.list);
      this.lists.set(name, { ...applied.list, name });
      return false;
    }
    if (this.#renewed.has(name) || before.token.length === 0) {
      throw this.#unreadable(`list ${name}: ${applied.reason}`);
    }
    this.#renewed.add(name);
    this.isChanged = true;
    this.lists.set(name, { ...NO_LIST, name });
    this.notes.push(`The list ${name} was fetched as a whole again: ${applied.reason}.`);
    return true;
  }

  #absent(name: string): void {
    this.notes.push(`The server says nothing of the list ${name}.`);
  }

  #unreadable(reason: string): Error {
    const { client, url, feed } = this.#context;
    return feedErrors.FEEDS_SAFE_BROWSING({ url: client.shown(url), version: feed.api, reason });
  }
}

function aboutOf({ feed, clock }: FetchContext) {
  const { name, action, category, severity, confidence, tlp, licence, lookupTimeoutMs } = feed;
  return {
    feed: name,
    action,
    category,
    severity,
    confidence,
    tlp,
    licence,
    lookupTimeoutMs,
    atMs: clock.now(),
  };
}

function differs(
  before: NamedList,
  after: { prefixes: Uint32Array; longer: readonly Uint8Array[] },
): boolean {
  return before.prefixes.length !== after.prefixes.length || before.longer.length !== after.longer.length;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** `undefined`: there is none, or it is damaged; then everything is fetched. */
async function readKept(file: string): Promise<KeptLists | undefined> {
  return existsSync(file) ? paced(keptListsOf(readFileSync(file))) : undefined;
}

/** Work on long lists, with time for everything else in between. */
async function paced<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
