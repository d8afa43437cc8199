import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError, type Verdict } from '../../kernel/index.ts';
import { createWebAccess } from '../policy/index.ts';
import { createExplain } from './explain.ts';

const nothing: Verdict = { verdict: 'unknown', score: 50, matches: [] };

function setUp() {
  const asked: string[] = [];
  const explain = createExplain({
    access: createWebAccess({
      sources: [],
      connectPorts: [443],
      mode: 'open',
      allowList: [],
      guard: () => undefined,
    }),
    verdicts: {
      evaluateUrl(url) {
        asked.push(url.key);
        return nothing;
      },
    },
    versions: () => ({ indicators: '4' }),
  });
  return { explain, asked };
}

test('an https URL is judged as the proxy sees it: a tunnel to its host', async () => {
  const { explain, asked } = setUp();
  const answer = await explain({ url: 'https://site.test/secret?x=1' });
  assert.deepEqual(new Set(asked), new Set(['site.test/']));
  assert.equal(answer.decision, 'allow');
  assert.deepEqual(answer.versions, { indicators: '4' });
  assert.equal((await explain({ url: 'https://site.test:8443/' })).rule, 'connect-ports');
});

test('a plain URL is judged whole; a host alone is one', async () => {
  const { explain, asked } = setUp();
  await explain({ url: 'http://site.test/a?x=1' });
  await explain({ url: 'site.test' });
  assert.deepEqual(new Set(asked), new Set(['site.test/a?x=1', 'site.test/']));
});

test('what is no URL, and doors that decide nothing, are refused with a hint', () => {
  const { explain } = setUp();
  for (const [input, code] of [
    [{ url: 'mailto:a@b.test' }, 'EXPLAIN_BAD_URL'],
    [{ url: '' }, 'EXPLAIN_BAD_URL'],
    [{ url: 'ftp://a.test/' }, 'EXPLAIN_BAD_URL'],
    [{ url: 'http://a.test/', door: 'ssh' }, 'EXPLAIN_BAD_DOOR'],
  ] as const) {
    assert.throws(
      () => explain(input),
      (error: unknown) => error instanceof GatewayError && error.code === code && error.hint !== undefined,
    );
  }
});
