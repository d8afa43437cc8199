import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { indicatorLab, type IndicatorLab } from '../../../test/support/indicators.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import { openIndicators } from './index.ts';
import type { IndicatorReader, StoredEntry } from './types.ts';

const HOUR_S = 3600;

/** What a feed is about, small enough that everything meets everything. */
const UNIVERSE = [
  ['domain', 'a.example'],
  ['host', 'a.example'],
  ['url', 'a.example/'],
  ['url', 'a.example/x/y'],
  ['domain', 'b.example'],
  ['url', 'b.example/p?q=1'],
  ['address', '192.0.2.7'],
  ['address', '2001:db8::1'],
  ['network', '192.0.2.0/24'],
  ['network', '2001:db8::/32'],
  ['hash', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['hash', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['hash', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['hash', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b856'],
  ['email', 'mallory@a.example'],
  ['email', 'mallory@c.example'],
] as const;

interface Line {
  readonly at: number;
  readonly action: 'allow' | 'block';
  readonly category: string;
  /** Hours from now; 0 and less: it has ended. */
  readonly hours: number | undefined;
  readonly remove: boolean;
}
interface Step {
  readonly mode: 'replace' | 'merge';
  readonly lines: readonly Line[];
  readonly laterHours: number;
}

interface Known extends Pick<StoredEntry, 'action' | 'category' | 'addedAtS' | 'expiresAtS'> {}
type Model = Map<number, Known>;

const steps = fc.array(
  fc.record<Step>({
    mode: fc.constantFrom('replace', 'merge'),
    lines: fc.array(
      fc.record<Line>({
        at: fc.nat(UNIVERSE.length - 1),
        action: fc.constantFrom('allow', 'block'),
        category: fc.constantFrom('malware', 'phishing', 'c2'),
        hours: fc.constantFrom(undefined, undefined, 1, 5, 30, 0, -3),
        remove: fc.constantFrom(false, false, true),
      }),
      { minLength: 1, maxLength: 20 },
    ),
    laterHours: fc.constantFrom(0, 1, 6, 40),
  }),
  { minLength: 1, maxLength: 14 },
);

test('a feed after any imports equals a Map that did the same', async (t) => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      // Five records are a run: everything is spilled and merged.
      const lab = await indicatorLab(t, { limits: { runRecords: 5 } });
      let model: Model = new Map();
      for (const step of taken) {
        model = await apply(lab, model, step);
        check(lab.reader, model, nowOf(lab));
        lab.clock.nowMs += step.laterHours * HOUR_S * 1000;
        check(lab.reader, model, nowOf(lab));
      }
      const fresh = openIndicators(lab.dir, lab.clock);
      assert.deepEqual(fresh.problems, []);
      check(fresh, model, nowOf(lab));
      await checkPrefixes(fresh, model, nowOf(lab));
      fresh.close();
    }),
    { numRuns: 25 },
  );
});

function nowOf({ clock }: IndicatorLab): number {
  return Math.floor(clock.now() / 1000);
}

/** Runs an import and does the same to the Map; the old one where it is refused. */
async function apply(lab: IndicatorLab, model: Model, { mode, lines }: Step): Promise<Model> {
  const nowS = nowOf(lab);
  const isMerge = mode === 'merge';
  const isFirst = lab.admin.feeds().length === 0;
  const next: Model = isMerge ? new Map(model) : new Map();
  let usable = 0;
  for (const { at, action, category, hours, remove } of lines) {
    if (remove && !isMerge) continue;
    const hasEnded = hours !== undefined && hours <= 0;
    if (!hasEnded || (isMerge && !isFirst) || remove) usable++;
    if (remove || (hasEnded && isMerge && !isFirst)) next.delete(at);
    else if (!hasEnded) {
      const before = model.get(at);
      const isValid = before?.expiresAtS === undefined || before.expiresAtS > nowS;
      // What had ended begins anew.
      const addedAtS = isValid ? (before?.addedAtS ?? nowS) : nowS;
      // Hours are counted from whole ones and rounded up; the clock of the test stands at whole ones.
      next.set(at, {
        action,
        category,
        addedAtS,
        expiresAtS: hours === undefined ? undefined : nowS + hours * HOUR_S,
      });
    }
  }
  const text = lines
    .map(({ at, action, category, hours, remove }) => {
      const [kind, value] = UNIVERSE[at]!;
      const expiresAtMs = hours === undefined ? undefined : (nowS + hours * HOUR_S) * 1000;
      return JSON.stringify({
        kind,
        value,
        action,
        category,
        note: `n${at}`,
        expiresAtMs,
        ...(remove ? { remove } : {}),
      });
    })
    .join('\n');
  try {
    await lab.add('feed', text, { format: 'sallyport', mode });
  } catch (error) {
    assert.equal(usable, 0, String(error));
    return model;
  }
  return next;
}

function check(reader: IndicatorReader, model: Model, nowS: number): void {
  const valid = new Map(
    [...model].filter(([, { expiresAtS }]) => expiresAtS === undefined || expiresAtS > nowS),
  );
  const name = (at: number): string => UNIVERSE[at]!.join(' ');
  const expected = [...valid]
    .map(([at, { action, category, addedAtS, expiresAtS }]) =>
      [name(at), action, category, addedAtS, expiresAtS, `n${at}`].join(' '),
    )
    .toSorted();
  const entries = reader.feeds.length === 0 ? [] : [...reader.entries('feed')];
  const stored = entries.map((each) =>
    [each.kind, each.value, each.action, each.category, each.addedAtS, each.expiresAtS, each.note].join(' '),
  );
  assert.deepEqual(stored.toSorted(), expected);
  for (const [at, [kind, value]] of UNIVERSE.entries()) {
    const found = lookUp(reader, kind, value).find((match) => match.kind === kind && match.entry === value);
    const wanted = valid.get(at);
    assert.equal(found?.action, wanted?.action, name(at));
    assert.equal(found?.category, wanted?.category, name(at));
    if (found === undefined || wanted === undefined) continue;
    assert.equal(Date.parse(found.addedAt), wanted.addedAtS * 1000, name(at));
    assert.equal(
      found.expiresAt === undefined ? undefined : Date.parse(found.expiresAt) / 1000,
      wanted.expiresAtS,
      name(at),
    );
    assert.equal(reader.describe(found)?.note, `n${at}`);
  }
}

function lookUp(
  reader: IndicatorReader,
  kind: (typeof UNIVERSE)[number][0],
  value: string,
): ReturnType<IndicatorReader['lookupHash']> {
  switch (kind) {
    case 'domain':
    case 'host':
      return reader.lookupHost(value);
    case 'url':
      return reader.lookupUrl(canonicalUrl(`http://${value}`)!);
    case 'address':
      return reader.lookupAddress(value);
    case 'network':
      return reader.lookupAddress(value.replace(/\/\d+$/, ''));
    case 'hash':
      return reader.lookupHash(value);
    case 'email':
      return reader.lookupEmail(value);
  }
}

/** Of an expression the URL counts more than the host, the host more than the domain. */
const ORDER = ['url', 'host', 'domain', 'address'];

async function checkPrefixes(reader: IndicatorReader, model: Model, nowS: number): Promise<void> {
  const groups = new Map<string, { kind: string; action: string }[]>();
  for (const [at, { action, expiresAtS }] of model) {
    const [kind, value] = UNIVERSE[at]!;
    if (!ORDER.includes(kind) || (expiresAtS !== undefined && expiresAtS <= nowS)) continue;
    const bracketed = value.includes('::') ? `[${value}]` : value;
    const expression = kind === 'url' ? value : `${bracketed}/`;
    groups.set(expression, [...(groups.get(expression) ?? []), { kind, action }]);
  }
  const hashes = new Map<string, string>();
  for (const [expression, group] of groups) {
    const [first] = group.toSorted((x, y) => ORDER.indexOf(x.kind) - ORDER.indexOf(y.kind));
    if (first!.action === 'block')
      hashes.set(expression, createHash('sha256').update(expression).digest('hex'));
  }
  const expected = [...hashes.values()].map((hash) => Number.parseInt(hash.slice(0, 8), 16));
  assert.deepEqual(
    [...(await reader.prefixes(() => true))],
    expected.toSorted((x, y) => x - y),
  );
  for (const [expression, hash] of hashes) {
    for (const bytes of [4, 16, 32]) {
      const found = reader.byPrefix(Buffer.from(hash, 'hex').subarray(0, bytes));
      assert.deepEqual(
        new Set(found.map((each) => each.expression)),
        new Set([expression]),
        `${expression} by ${bytes} bytes`,
      );
      assert.equal(found.length, groups.get(expression)!.filter((each) => each.action === 'block').length);
      assert.ok(found.every((each) => Buffer.from(each.hash).toString('hex') === hash));
    }
  }
}
