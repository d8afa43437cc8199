import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indicatorLab } from '../../../test/support/indicators.ts';
import type { Match, Severity } from '../../kernel/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import { createOpinion, createVerdictEngine, verdictCommands, verdictOf } from './index.ts';
import { hashVerdictOf } from './scoring.ts';

function match(action: Match['action'], severity: Severity, feed = 'feed'): Match {
  return {
    feed,
    entry: 'evil.example',
    kind: 'domain',
    action,
    category: 'malware',
    severity,
    addedAt: '2026-01-01T00:00:00.000Z',
    confidence: 100,
    tlp: 'clear',
    ageS: 0,
    expiresAt: undefined,
    licence: '',
  };
}

test('the first match decides, by its severity', () => {
  const table: readonly (readonly [readonly Match[], string, number])[] = [
    [[], 'unknown', 50],
    [[match('block', 'low')], 'suspicious', 60],
    [[match('block', 'medium')], 'malicious', 75],
    [[match('block', 'high')], 'malicious', 90],
    [[match('block', 'critical')], 'malicious', 100],
    [[match('block', 'low', 'local'), match('block', 'critical')], 'suspicious', 60],
    [[match('allow', 'high', 'local'), match('block', 'critical')], 'clean', 0],
    [[match('allow', 'high')], 'clean', 10],
    [[match('allow', 'high'), match('block', 'critical')], 'clean', 30],
    [[match('block', 'high'), match('allow', 'high')], 'malicious', 90],
  ];
  for (const [matches, verdict, score] of table) {
    assert.deepEqual(verdictOf(matches), { verdict, score, matches });
  }
});

test('a list that is less than half sure makes a thing suspicious only', () => {
  const unsure = { ...match('block', 'critical'), confidence: 49 };
  assert.deepEqual(verdictOf([unsure]), { verdict: 'suspicious', score: 60, matches: [unsure] });
  assert.equal(verdictOf([{ ...unsure, confidence: 50 }]).score, 100);
});

test('a label decides nothing', () => {
  const matches = [match('label', 'high')];
  assert.deepEqual(verdictOf(matches), { verdict: 'unknown', score: 50, matches });
});

test('known-good by a hash that can be forged is no proof', () => {
  const good = [match('allow', 'high')];
  assert.equal(hashVerdictOf('a'.repeat(64), good).verdict, 'clean');
  for (const digits of [32, 40]) {
    const { verdict, score } = hashVerdictOf('a'.repeat(digits), good);
    assert.deepEqual([verdict, score], ['unknown', 40]);
    assert.equal(hashVerdictOf('a'.repeat(digits), [match('allow', 'high', 'local')]).verdict, 'clean');
    assert.equal(hashVerdictOf('a'.repeat(digits), [match('block', 'high')]).verdict, 'malicious');
  }
});

test('the engine asks the reader', async (t) => {
  const { add, admin, reader } = await indicatorLab(t);
  await add('feed', 'evil.example\nhttp://b.example/x/\n192.0.2.0/24\n', { severity: 'medium' });
  const engine = createVerdictEngine({ reader });
  assert.equal(engine.evaluateUrl(canonicalUrl('http://b.example/x/y')!).score, 75);
  assert.equal(engine.evaluateUrl(canonicalUrl('http://b.example/y')!).verdict, 'unknown');
  assert.equal(engine.evaluateHost('www.evil.example').verdict, 'malicious');
  assert.equal(engine.evaluateAddress('192.0.2.3').matches[0]?.entry, '192.0.2.0/24');
  await admin.addLocal({ value: 'evil.example', action: 'allow' }, 'test');
  assert.deepEqual(
    [engine.evaluateHost('evil.example').verdict, engine.evaluateHost('evil.example').matches.length],
    ['clean', 2],
  );
});

test('lookup answers one document', async (t) => {
  const { add, reader } = await indicatorLab(t);
  await add('feed', 'evil.example\n192.0.2.1\n', { licence: 'MIT' });
  const run = async (words: string, value: string): Promise<unknown> => {
    const command = verdictCommands.find((each) => each.words === words)!;
    const name = command.positionals[0]!.name;
    const io = { actor: 'test', progress: () => {} };
    return (await command.run({ reader }, { words: { [name]: value }, rest: [], options: {} }, io)).document;
  };
  const found = {
    verdict: 'malicious',
    score: 90,
    matches: [
      {
        feed: 'feed',
        entry: 'evil.example',
        kind: 'domain',
        action: 'block',
        category: 'malicious',
        severity: 'high',
        addedAt: '2026-01-01T00:00:00.000Z',
        confidence: 100,
        tlp: 'clear',
        ageS: 0,
        expiresAt: undefined,
        licence: 'MIT',
      },
    ],
  };
  assert.deepEqual(await run('lookup domain', 'www.Evil.example.'), { query: 'www.Evil.example.', ...found });
  assert.deepEqual(await run('lookup url', 'evil.example/x'), { query: 'evil.example/x', ...found });
  assert.deepEqual(await run('lookup ip', '192.0.2.2'), {
    query: '192.0.2.2',
    verdict: 'unknown',
    score: 50,
    matches: [],
  });
  await assert.rejects(run('lookup ip', 'evil.example'), { code: 'VERDICT_NO_ADDRESS' });
  await assert.rejects(run('lookup domain', 'a/b'), { code: 'VERDICT_NO_DOMAIN' });
  await assert.rejects(run('lookup url', 'mailto:x'), { code: 'VERDICT_NO_URL' });
});

const SCORE = {
  score: 97.5,
  probability: 0.975,
  reasons: [{ feature: 'name', text: 'it looks bad', weight: 1 }],
};

function opinionOf(mode: 'monitor' | 'block', verdict: 'clean' | 'suspicious' | 'malicious') {
  const sites = {
    scoreUrl: () => ({ ...SCORE, verdict }),
    scoreName: () => undefined,
    isPopular: () => false,
  };
  return createOpinion({ mode, sites, clock: { now: () => Date.UTC(2026, 0, 2) }, cacheEntries: 2 });
}

test('models are heard where no list knows, and decide where that is wanted', async (t) => {
  const { add, admin, reader } = await indicatorLab(t);
  await add('feed', 'evil.example\n', { severity: 'medium' });
  await admin.addLocal({ value: 'good.example', action: 'allow' }, 'test');
  const url = canonicalUrl('http://new.example/x')!;
  const shown = opinionOf('monitor', 'malicious').ofUrl(url, verdictOf([]));
  assert.deepEqual(
    [shown.verdict, shown.score, shown.matches.length, shown.prediction],
    ['unknown', 50, 0, { mode: 'monitor', verdict: 'malicious', score: 97.5, reasons: ['it looks bad'] }],
  );
  for (const [verdict, expected] of [
    ['clean', ['unknown', 50, undefined]],
    ['suspicious', ['suspicious', 60, 'prediction']],
    ['malicious', ['malicious', 75, 'prediction']],
  ] as const) {
    const engine = createVerdictEngine({ reader, opinion: opinionOf('block', verdict) });
    const made = engine.evaluateUrl(url);
    assert.deepEqual([made.verdict, made.score, made.matches[0]?.feed], expected);
    assert.equal(engine.evaluateHost('new.example').verdict, made.verdict);
    for (const [listed, known] of [
      ['http://evil.example/', 'malicious'],
      ['http://good.example/', 'clean'],
    ] as const) {
      const judged = engine.evaluateUrl(canonicalUrl(listed)!);
      assert.deepEqual([judged.verdict, judged.prediction], [known, undefined]);
    }
  }
});
