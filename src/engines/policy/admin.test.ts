import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { GatewayError, type EdgeLinks, type Log } from '../../kernel/index.ts';
import { scopeOf, tempDir, type Scope } from '../../../test/support/scope.ts';
import { openState, type State } from '../state/index.ts';
import { createPolicyAdmin, type PolicyAdmin } from './admin.ts';
import { BUILT_IN_PROFILES, type PolicyBounds } from './bounds.ts';
import { DEFAULT_TEXT } from './document.ts';
import { policySection } from './section.ts';
import { takeGrants, takePolicy } from './topic.ts';
import { createWebAccess, type WebAccess } from './web-access.ts';

const QUIET: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function textOf(host: string): string {
  return `version: 1\nrules:\n  - { name: closed, when: { host: ${host} }, then: block }\ndefault: allow\n`;
}

const BOUNDS: PolicyBounds = {
  bytesMax: 100_000,
  rulesMax: 3,
  listEntriesMax: 3,
  valuesMax: 2,
  scanProfiles: [...BUILT_IN_PROFILES, 'quick'],
};

interface Lab {
  readonly admin: PolicyAdmin;
  readonly state: State;
  readonly edge: WebAccess;
  readonly time: { now: number };
  close(): Promise<void>;
}

/** Control with one edge, joined by function calls; every value passes through JSON as on the bus. */
async function openLab(dataDir: string, time = { now: 1_000_000 }): Promise<Lab> {
  const clock = { now: () => time.now, monotonic: () => time.now };
  const state = await openState({ dataDir, clock, log: QUIET, sections: [policySection], lockWaitMs: 0 });
  const edge = createWebAccess({
    sources: [],
    connectPorts: [443],
    mode: 'open',
    allowList: [],
    guard: () => undefined,
  });
  const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const topics = { policy: takePolicy, 'policy-grants': takeGrants } as const;
  const links: EdgeLinks = {
    handle: () => undefined,
    onPost: () => undefined,
    onGone: () => undefined,
    publish: async (topic, data) => {
      assert.ok(topic === 'policy' || topic === 'policy-grants');
      await new Promise(setImmediate);
      topics[topic](edge, json(data));
    },
    collect: () => Promise.resolve(new Map([[1, edge.policy.version]])),
  };
  const admin = createPolicyAdmin({
    state: () => state,
    links,
    clock,
    log: QUIET,
    random: randomBytes,
    bounds: () => BOUNDS,
  });
  await admin.start();
  const close = async (): Promise<void> => {
    admin.close();
    await state.close();
  };
  return { admin, state, edge, time, close };
}

function blocks({ edge }: Lab, host: string): boolean {
  const verdict = { verdict: 'unknown', score: 50, matches: [] } as const;
  const facts = {
    source: '10.1.1.1',
    user: undefined,
    method: 'GET',
    host,
    port: 80,
    verdict: () => verdict,
  };
  return edge.decide(facts).decision === 'block';
}

async function dirOf(scope: Scope): Promise<string> {
  return join(await tempDir(scope), 'data');
}

test('what is applied is in force in the edge when it is answered, and is there after a restart', async (t) => {
  const scope = scopeOf(t);
  const dir = await dirOf(scope);
  let lab = await openLab(dir);
  assert.ok(lab.admin.current().isDefault);
  const applied = await lab.admin.apply(textOf('a.test'), { actor: 'ana' });
  assert.deepEqual(
    [applied.changed, applied.rules, applied.edges],
    [true, 1, [{ pid: 1, version: applied.version }]],
  );
  assert.ok(blocks(lab, 'a.test') && !blocks(lab, 'b.test'));
  const again = await lab.admin.apply(textOf('a.test'), { actor: 'ana' });
  assert.deepEqual([again.changed, again.number], [false, undefined], 'the same text is no new version');
  await lab.close();
  lab = await openLab(dir);
  assert.ok(blocks(lab, 'a.test'));
  assert.equal(lab.admin.current().version, applied.version);
  await lab.close();
});

test('a policy with faults changes nothing', async (t) => {
  const scope = scopeOf(t);
  const lab = await openLab(await dirOf(scope));
  await lab.admin.apply(textOf('a.test'), { actor: 'ana' });
  await assert.rejects(
    lab.admin.apply('version: 1\nrules: [{ name: x, when: { hots: a }, then: blok }]\n', { actor: 'ana' }),
    (error: unknown) => {
      assert.ok(error instanceof GatewayError && error.code === 'POLICY_INVALID');
      assert.match(error.message, /3 faults/);
      assert.match(error.message, /2:28 rules\[0\]\.when\.hots: unknown key\n +Did you mean `host`\?/);
      return true;
    },
  );
  assert.ok(blocks(lab, 'a.test'));
  assert.equal((await lab.admin.versions(10)).length, 1);
  await lab.close();
});

test('versions, their texts and the way back', async (t) => {
  const scope = scopeOf(t);
  const lab = await openLab(await dirOf(scope));
  const first = await lab.admin.apply(textOf('a.test'), { actor: 'ana' });
  await lab.admin.apply(textOf('b.test'), { actor: 'ben' });
  assert.deepEqual(
    (await lab.admin.versions(10)).map(({ author }) => author),
    ['ben', 'ana'],
  );
  assert.equal(await lab.admin.textOf(first.number ?? 0), textOf('a.test'));
  await lab.admin.rollback(first.number ?? 0, 'cid');
  assert.ok(blocks(lab, 'a.test') && !blocks(lab, 'b.test'));
  await lab.admin.apply(DEFAULT_TEXT, { actor: 'ana' });
  assert.ok(lab.admin.current().isDefault && !blocks(lab, 'a.test'));
  // The whole configuration rolled back takes the policy along.
  await lab.state.rollback(first.number ?? 0, { author: 'ana' });
  assert.ok(blocks(lab, 'a.test'));
  const audit = await lab.state.auditEntries({ limit: 10, action: 'policy.' });
  assert.deepEqual(
    audit.map(({ action }) => action),
    ['policy.apply', 'policy.rollback', 'policy.apply', 'policy.apply'],
  );
  await lab.close();
});

test('what is not confirmed in time is taken back to the last confirmed policy', async (t) => {
  const scope = scopeOf(t);
  const dir = await dirOf(scope);
  let lab = await openLab(dir);
  await lab.admin.apply(textOf('a.test'), { actor: 'ana' });
  await lab.admin.apply(textOf('b.test'), { actor: 'ana', confirmWithinMs: 50 });
  await lab.admin.apply(textOf('c.test'), { actor: 'ana', confirmWithinMs: 50 });
  assert.ok(blocks(lab, 'c.test'));
  lab.time.now += 60;
  await until(() => blocks(lab, 'a.test'));
  assert.equal(lab.admin.current().pending, undefined);
  await assert.rejects(lab.admin.confirm('ana'), { code: 'POLICY_NOTHING_TO_CONFIRM' });

  // The same while control was away.
  await lab.admin.apply(textOf('d.test'), { actor: 'ana', confirmWithinMs: 3_600_000 });
  const { now } = lab.time;
  await lab.close();
  lab = await openLab(dir, { now: now + 1000 });
  assert.ok(blocks(lab, 'd.test'), 'there is time left');
  await lab.close();
  lab = await openLab(dir, { now: now + 3_600_001 });
  assert.ok(blocks(lab, 'a.test') && !blocks(lab, 'd.test'), 'the time was over meanwhile');

  await lab.admin.apply(textOf('e.test'), { actor: 'ana', confirmWithinMs: 3_600_000 });
  await lab.admin.confirm('ana');
  lab.time.now += 7_200_000;
  await lab.close();
  lab = await openLab(dir, { now: lab.time.now });
  assert.ok(blocks(lab, 'e.test'), 'what was confirmed stays');
  await lab.close();
});

test('a document of the configuration is checked, and applied, with the policy in it', async (t) => {
  const scope = scopeOf(t);
  const lab = await openLab(await dirOf(scope));
  const by = { author: 'ana' };
  for (const policy of [
    { active: { text: 'version: 1' } },
    { active: { text: 7 } },
    { other: { text: DEFAULT_TEXT } },
  ]) {
    await assert.rejects(lab.state.apply({ policy }, by, { dryRun: false }), {
      code: 'STATE_DOCUMENT_INVALID',
    });
  }
  await lab.state.apply({ policy: { active: { text: textOf('x.test') } } }, by, { dryRun: false });
  assert.ok(blocks(lab, 'x.test'));
  await lab.close();
});

async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!isTrue()) {
    assert.ok(performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('what settings bound, and profiles that nobody defined, are faults with line and hint, all at once', async (t) => {
  const lab = await openLab(await tempDir(scopeOf(t)));
  t.after(lab.close);
  const text = `version: 1
lists:
  long: { hosts: [a.test, b.test, c.test, d.test] }
rules:
  - { name: one, when: { host: [a.test, b.test, c.test] }, then: { scan: quick } }
  - { name: two, when: { any: [{ port: [1, 2, 3] }, { host: $long }] }, then: { scan: quikc } }
  - { name: three, then: { scan: nothing, blok: true } }
  - { name: four, then: block }
default: allow
`;
  await assert.rejects(lab.admin.apply(text, { actor: 'test' }), (error: Error) => {
    for (const part of [
      /3:\d+ +lists\.long\.hosts[^]*more than 3 entries[^]*policy\.listEntriesMax/,
      /4:\d+ +rules[^]*more than 3 rules[^]*policy\.rulesMax/,
      /5:\d+ +rules\[0\]\.when\.host[^]*more than 2 entries[^]*policy\.valuesMax/,
      /6:\d+ +rules\[1\]\.when\.any\[0\]\.port[^]*more than 2 entries/,
      /6:\d+ +rules\[1\]\.then\.scan[^]*no scan profile quikc[^]*Known are full, hashes, off, quick; scan\.profiles/,
      /7:\d+ +rules\[2\]\.then\.scan[^]*no scan profile nothing/,
      /7:\d+ +rules\[2\]\.then\.blok[^]*unknown key/,
    ]) {
      assert.match(error.message, part);
    }
    return true;
  });
  assert.equal(lab.admin.current().isDefault, true, 'the one before stays');
  const long = `${textOf('a.test')}${'# filler\n'.repeat(20_000)}`;
  await assert.rejects(lab.admin.apply(long, { actor: 'test' }), /larger than/);
});
