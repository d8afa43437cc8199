import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  applyV4Update,
  applyV5Update,
  type ClientList,
  COMPRESSION_TYPE,
  type Decoded,
  decodeMessage,
  type Draft,
  encodeMessage,
  FullHashCache,
  hashList,
  keptListsBytes,
  keptListsOf,
  listUpdateResponse,
  type MessageType,
  NO_LIST,
  outcomeOf,
  RESPONSE_TYPE,
  RICE_V4,
  riceEncode,
  swappedSteps,
} from './index.ts';

/** What a draft is when it has been over the wire. */
function sent<T>(type: MessageType<T>, draft: Draft<NoInfer<T>>): T {
  const reading = decodeMessage(type, encodeMessage(type, draft), { itemsMax: 100_000 });
  assert.ok(reading.ok);
  return reading.value;
}

const shaOf = (prefixes: readonly Buffer[]): Buffer =>
  createHash('sha256')
    .update(Buffer.concat(prefixes.toSorted(Buffer.compare)))
    .digest();
const hexOf = (list: ClientList): readonly string[] =>
  [...list.prefixes]
    .map((number) => number.toString(16).padStart(8, '0'))
    .concat(list.longer.map((each) => Buffer.from(each).toString('hex')))
    .toSorted();

type V4Update = Draft<Decoded<typeof listUpdateResponse>>;

/** Raw additions, one set for each length. */
function rawSets(prefixes: readonly Buffer[]): NonNullable<V4Update['additions']> {
  return [...Map.groupBy(prefixes, ({ length }) => length)].map(([prefixSize, each]) => ({
    compressionType: COMPRESSION_TYPE.RAW,
    rawHashes: { prefixSize, rawHashes: Buffer.concat(each.toSorted(Buffer.compare)) },
  }));
}

const prefix = fc
  .oneof({ weight: 3, arbitrary: fc.constant(4) }, { weight: 1, arbitrary: fc.integer({ min: 5, max: 32 }) })
  // Few values of the first bytes, so that longer ones begin as shorter ones do.
  .chain((length) => fc.array(fc.nat(3), { minLength: length, maxLength: length }))
  .map((bytes) => Buffer.from(bytes));
const prefixes = fc.uniqueArray(prefix, { maxLength: 40, selector: (each) => each.toString('hex') });

test('a list of prefixes of any length follows its updates, by position and checksum, as a model does', () => {
  fc.assert(
    fc.property(prefixes, prefixes, fc.infiniteStream(fc.boolean()), (first, second, chance) => {
      const full = sent(listUpdateResponse, {
        responseType: RESPONSE_TYPE.FULL_UPDATE,
        additions: rawSets(first),
        newClientState: Uint8Array.of(1),
        checksum: { sha256: shaOf(first) },
      });
      const one = applyV4Update(NO_LIST, full, 1000);
      assert.ok(one.ok);
      assert.deepEqual(hexOf(one.list), first.map((each) => each.toString('hex')).toSorted());
      const sorted = first.toSorted(Buffer.compare);
      const removed = sorted.map((_, at) => at).filter(() => chance.next().value);
      const kept = sorted.filter((_, at) => !removed.includes(at));
      const added = second.filter((each) => !first.some((other) => other.equals(each)));
      const after = [...kept, ...added];
      const partial: V4Update = {
        responseType: RESPONSE_TYPE.PARTIAL_UPDATE,
        additions: rawSets(added),
        removals:
          removed.length === 0
            ? []
            : [{ compressionType: COMPRESSION_TYPE.RAW, rawIndices: { indices: removed } }],
        newClientState: Uint8Array.of(2),
        checksum: { sha256: shaOf(after) },
      };
      const two = applyV4Update(one.list, sent(listUpdateResponse, partial), 1000);
      assert.ok(two.ok, two.ok ? '' : two.reason);
      assert.deepEqual(hexOf(two.list), after.map((each) => each.toString('hex')).toSorted());
      const [kept1] = outcomeOf(
        keptListsOf(
          outcomeOf(keptListsBytes({ lists: [{ ...two.list, name: 'MALWARE' }], about: { a: [1] } })),
        ),
      )!.lists;
      assert.deepEqual(kept1, { ...two.list, name: 'MALWARE', token: Buffer.from([2]) });
    }),
    { numRuns: 200 },
  );
});

test('Rice-coded and raw parts of one update make one list', () => {
  const numbers = Uint32Array.of(5, 0x0100_0000, 0xff00_0001);
  const coded = riceEncode(outcomeOf(swappedSteps(numbers)), RICE_V4);
  const long = Buffer.from('0000000501', 'hex');
  const bytes = [...numbers].map((number) => {
    const four = Buffer.alloc(4);
    four.writeUInt32BE(number);
    return four;
  });
  const update = sent(listUpdateResponse, {
    responseType: RESPONSE_TYPE.FULL_UPDATE,
    additions: [
      {
        compressionType: COMPRESSION_TYPE.RICE,
        riceHashes: {
          firstValue: BigInt(coded.firstValue),
          riceParameter: coded.parameter,
          numEntries: coded.count,
          encodedData: coded.data,
        },
      },
      ...rawSets([long]),
    ],
    newClientState: Uint8Array.of(9),
    checksum: { sha256: shaOf([...bytes, long]) },
  });
  const applied = applyV4Update(NO_LIST, update, 1000);
  assert.ok(applied.ok, applied.ok ? '' : applied.reason);
  assert.deepEqual(applied.list.prefixes, numbers);
  assert.deepEqual(
    applied.list.longer.map((each) => Buffer.from(each).toString('hex')),
    ['0000000501'],
  );
});

test('an update that does not fit is refused with what is wrong, and the list stays', () => {
  const two = [Buffer.from('00000001', 'hex'), Buffer.from('00000002', 'hex')];
  const base: V4Update = {
    responseType: RESPONSE_TYPE.FULL_UPDATE,
    additions: rawSets(two),
    newClientState: Uint8Array.of(1),
    checksum: { sha256: shaOf(two) },
  };
  const cases: readonly (readonly [V4Update, RegExp])[] = [
    [{ ...base, checksum: { sha256: shaOf([]) } }, /another checksum/],
    [{ ...base, checksum: {} }, /no checksum/],
    [{ ...base, additions: [...base.additions!, ...base.additions!] }, /a hash twice/],
    [
      {
        ...base,
        removals: [{ compressionType: COMPRESSION_TYPE.RAW, rawIndices: { indices: [7] } }],
      },
      /do not fit/,
    ],
    [{ ...base, additions: [{ compressionType: COMPRESSION_TYPE.RAW }] }, /no possible length/],
    [{ ...base, additions: [{ compressionType: COMPRESSION_TYPE.RICE }] }, /malformed coding/],
  ];
  for (const [update, reason] of cases) {
    const applied = applyV4Update(NO_LIST, sent(listUpdateResponse, update), 1000);
    assert.match(applied.ok ? 'applied' : applied.reason, reason);
  }
  const small = applyV4Update(NO_LIST, sent(listUpdateResponse, base), 1);
  assert.match(small.ok ? 'applied' : small.reason, /more hashes than are held/);
  const wide = applyV5Update(NO_LIST, sent(hashList, { additionsThirtyTwoBytes: {} }), 10);
  assert.match(wide.ok ? 'applied' : wide.reason, /not four bytes/);
});

test('a file of lists that is cut or changed is none', () => {
  const bytes = outcomeOf(keptListsBytes({ lists: [{ ...NO_LIST, name: 'se-4b' }], about: {} }));
  assert.ok(outcomeOf(keptListsOf(bytes)));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const other = Buffer.from(bytes);
      other[at]! ^= change;
      assert.equal(outcomeOf(keptListsOf(other)), undefined);
      assert.equal(outcomeOf(keptListsOf(bytes.subarray(0, at))), undefined);
    }),
  );
});

test('full hashes are kept for their own time, other hashes of the prefix for the negative one', () => {
  const cache = new FullHashCache(2);
  const bad = `aabbccdd${'1'.repeat(56)}`;
  const good = `aabbccdd${'2'.repeat(56)}`;
  const found = [
    { hash: bad, category: 'malware', forMs: 100 },
    { hash: bad, category: 'phishing', forMs: 80 },
  ];
  assert.equal(cache.opinion('aabbccdd', bad, 0), undefined);
  cache.learn({ prefix: 'aabbccdd', found, othersForMs: 50 }, 1000);
  const threat = { kind: 'threat', categories: ['malware', 'phishing'], untilMs: 1080 };
  assert.deepEqual(cache.opinion('aabbccdd', bad, 1049), threat);
  assert.deepEqual(cache.opinion('aabbccdd', good, 1049), { kind: 'none' });
  assert.equal(cache.opinion('aabbccdd', good, 1050), undefined, 'the negative time is over');
  assert.deepEqual(cache.opinion('aabbccdd', bad, 1079), threat);
  assert.equal(cache.opinion('aabbccdd', bad, 1080), undefined, 'a threat that is over is not harmless');
  assert.deepEqual(cache.answer('aabbccdd', 1040), {
    prefix: 'aabbccdd',
    found: [
      { hash: bad, category: 'malware', forMs: 40 },
      { hash: bad, category: 'phishing', forMs: 40 },
    ],
    othersForMs: 10,
  });
  assert.equal(cache.answer('aabbccdd', 1060), undefined);
  cache.learn({ prefix: '00000001', found: [], othersForMs: 1000 }, 1000);
  assert.deepEqual(cache.opinion('aabbccdd', good, 1001), { kind: 'none' });
  cache.learn({ prefix: '00000002', found: [], othersForMs: 1000 }, 1000);
  assert.equal(cache.opinion('00000001', good, 1001), undefined, 'the one used longest ago went');
  assert.deepEqual(cache.opinion('aabbccdd', good, 1001), { kind: 'none' });
});
