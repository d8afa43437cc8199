import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SILENT } from '../../../test/support/indicators.ts';
import type { Severity } from '../../kernel/index.ts';
import {
  applyV4Update,
  applyV5Update,
  batchGetHashListsResponse,
  type ClientList,
  decodeMessage,
  encodeMessage,
  fetchThreatListUpdatesResponse,
  jsonOfMessage,
  messageOfJson,
  NO_LIST,
} from '../../protocols/safe-browsing/index.ts';
import { loadConfig } from '../config/index.ts';
import { createMetrics } from '../telemetry/index.ts';
import {
  createSafeBrowsing,
  type SafeBrowsing,
  safeBrowsingMetrics,
  type SafeBrowsingSettings,
} from './index.ts';

const { safeBrowsing: DEFAULTS } = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });

/** Prefixes by severity; asks for them in ascending order, as the indicators do. */
class Store {
  generation = '1';
  sets: Partial<Record<Severity, readonly number[]>> = {};

  set(sets: Partial<Record<Severity, readonly number[]>>): void {
    this.sets = sets;
    this.generation += '1';
  }

  prefixes(select: (entry: never) => boolean): Promise<Uint32Array> {
    const common = { feed: 'f', category: 'malware', kind: 'domain', tlp: 'clear', confidence: 100 };
    const all = Object.entries(this.sets).flatMap(([severity, values]) =>
      values.map((value) => ({ value, severity })),
    );
    const chosen = all
      .toSorted((x, y) => x.value - y.value)
      // The selection only reads what is here.
      .filter(({ severity }) => select({ ...common, severity } as never));
    return Promise.resolve(Uint32Array.from(new Set(chosen.map(({ value }) => value))));
  }

  byPrefix(): readonly never[] {
    return [];
  }
}

function open(settings: Partial<SafeBrowsingSettings> = {}) {
  const store = new Store();
  const lists = createSafeBrowsing({
    reader: store,
    verdicts: { evaluateUrl: () => ({ verdict: 'unknown', score: 50, matches: [] }) },
    settings: { ...DEFAULTS, ...settings },
    clock: { now: () => 0, monotonic: () => performance.now() },
    log: SILENT,
    metrics: createMetrics(safeBrowsingMetrics),
  });
  return { store, lists };
}

const LIMITS = { itemsMax: 100_000 };
const request = (list: ClientList, updateEntriesMax = 0, databaseEntriesMax = 0) =>
  ({ threat: 'malware', audience: 'open', token: list.token, updateEntriesMax, databaseEntriesMax }) as const;

/** A client: asks, takes the answer through bytes or JSON, applies it. */
type Client = (lists: SafeBrowsing, list: ClientList, updateMax?: number) => Promise<ClientList>;

const v4 =
  (rice: boolean, json: boolean): Client =>
  async (lists, list, updateMax) => {
    const { update } = await lists.updateV4(request(list, updateMax), rice);
    const message = { listUpdateResponses: [update] };
    const type = fetchThreatListUpdatesResponse;
    const reading = json
      ? messageOfJson(type, JSON.parse(JSON.stringify(jsonOfMessage(type, message))), LIMITS)
      : decodeMessage(type, encodeMessage(type, message), LIMITS);
    assert.ok(reading.ok);
    const applied = applyV4Update(list, reading.value.listUpdateResponses[0]!, 10_000);
    assert.ok(applied.ok, applied.ok ? '' : applied.reason);
    return applied.list;
  };

const v5 =
  (json: boolean): Client =>
  async (lists, list, updateMax) => {
    const { update } = await lists.updateV5(request(list, updateMax));
    const message = { hashLists: [update] };
    const type = batchGetHashListsResponse;
    const reading = json
      ? messageOfJson(type, JSON.parse(JSON.stringify(jsonOfMessage(type, message))), LIMITS)
      : decodeMessage(type, encodeMessage(type, message), LIMITS);
    assert.ok(reading.ok);
    const applied = applyV5Update(list, reading.value.hashLists[0]!, 10_000);
    assert.ok(applied.ok, applied.ok ? '' : applied.reason);
    return applied.list;
  };

const CLIENTS: readonly Client[] = [v4(true, false), v4(false, false), v4(true, true), v5(false), v5(true)];

const contents = fc.array(fc.uniqueArray(fc.nat(0xffff_ffff), { maxLength: 60 }), {
  minLength: 1,
  maxLength: 5,
});

test('a client that follows updates, whole or in parts, ends with the list', async () => {
  await fc.assert(
    fc.asyncProperty(
      contents,
      fc.constantFrom(...CLIENTS),
      fc.constantFrom(0, 1, 7, 40),
      async (steps, client, updateMax) => {
        const { store, lists } = open();
        let list = NO_LIST;
        for (const values of steps) {
          store.set({ high: values });
          const wanted = Uint32Array.from(values).toSorted();
          // A bound of n changes needs at most one update for each n entries, and one to begin anew.
          for (let turn = 0; turn < 130; turn++) {
            const before = list;
            list = await client(lists, list, updateMax);
            if (updateMax > 0) assert.ok(entriesOf(before.prefixes, list.prefixes) <= updateMax);
            if (Buffer.from(list.token).equals(before.token)) break;
          }
          assert.deepEqual(list.prefixes, wanted);
        }
      },
    ),
    { numRuns: 60 },
  );
});

/** Entries that an update from one to the other has at least: its changes, or the whole. */
function entriesOf(before: Uint32Array, after: Uint32Array): number {
  const gone = before.filter((value) => !after.includes(value)).length;
  const fresh = after.filter((value) => !before.includes(value)).length;
  return Math.min(gone + fresh, after.length);
}

test('what is known is told as a difference, what is not as a whole', async () => {
  const { store, lists } = open();
  store.set({ high: [10, 20, 30, 40, 50] });
  const first = await lists.updateV4(request(NO_LIST), false);
  assert.equal(first.update.responseType, 2);
  const list: ClientList = {
    ...NO_LIST,
    prefixes: Uint32Array.of(10, 20, 30, 40, 50),
    token: first.update.newClientState!,
  };
  store.set({ high: [10, 30, 35, 40, 50] });
  const { update } = await lists.updateV4(request(list), false);
  assert.equal(update.responseType, 1);
  assert.deepEqual(update.removals?.[0]?.rawIndices, { indices: [1] });
  assert.deepEqual(update.additions?.[0]?.rawHashes?.rawHashes, Uint8Array.of(0, 0, 0, 35));
  const same = await lists.updateV5(request({ ...list, token: update.newClientState! }));
  assert.deepEqual(same.update, { version: update.newClientState, partialUpdate: true });
  for (const token of [Uint8Array.of(1, 2, 3), Buffer.alloc(22, 1), Buffer.from('state-1')])
    assert.equal((await lists.updateV4(request({ ...list, token }), true)).update.responseType, 2);
});

test('gateways with the same content give the same versions', async () => {
  const [one, two] = [open(), open()];
  one.store.set({ high: [1, 2] });
  one.store.set({ high: [5, 6] });
  two.store.set({ high: [6], medium: [5] });
  const left = await one.lists.updateV5(request(NO_LIST));
  const right = await two.lists.updateV5(request(NO_LIST));
  assert.deepEqual(left.update.version, right.update.version);
  const list: ClientList = {
    ...NO_LIST,
    prefixes: Uint32Array.of(5, 6),
    token: left.update.version!,
  };
  assert.equal((await two.lists.updateV5(request(list))).update.partialUpdate, true);
});

test('of a list that is too long the worst are given', async () => {
  const { store, lists } = open({ entriesMax: 6 });
  store.set({ critical: [900, 100], high: [50, 800, 850], medium: [1, 2, 3], low: [7] });
  const { update, isWhole } = await lists.updateV4(request(NO_LIST), false);
  const prefixes = (given: typeof update) =>
    Buffer.from(given.additions![0]!.rawHashes!.rawHashes!)
      .toString('hex')
      .match(/.{8}/g)
      ?.map((hex) => parseInt(hex, 16));
  assert.deepEqual(prefixes(update), [1, 50, 100, 800, 850, 900]);
  assert.equal(isWhole, true);
  store.set({ high: [9, 8, 7, 6, 5, 4, 3, 2] });
  assert.deepEqual(prefixes((await lists.updateV4(request(NO_LIST), false)).update), [2, 3, 4, 5, 6, 7]);
  store.set({ critical: [900, 100], high: [50, 800, 850], low: [7] });
  // A client's own bound is rounded down to a power of two.
  const small = await lists.updateV4(request(NO_LIST, 0, 5), false);
  assert.deepEqual(prefixes(small.update), [50, 100, 800, 900]);
});

test('old versions are forgotten when their memory is used up', async () => {
  const { store, lists } = open({ versionsBytesMax: 100 });
  const values = (from: number) => Array.from({ length: 20 }, (_, at) => from + at);
  store.set({ high: values(0) });
  const { update } = await lists.updateV5(request(NO_LIST));
  store.set({ high: values(1) });
  await lists.updateV5(request(NO_LIST));
  const list: ClientList = { ...NO_LIST, token: update.version! };
  assert.equal((await lists.updateV5(request(list))).update.partialUpdate, false);
});
