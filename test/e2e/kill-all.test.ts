/** kill -9 of every process at once, in the middle of changes of all kinds: what was acknowledged is there. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { apiOf, type Ask } from '../support/api-client.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { openScope, scopeOf, tempDir } from '../support/scope.ts';
import { isAlive, until } from './processes-gateway.ts';

const ROUNDS = 4;
/** RFC 8032 §7.1 gives no such key: 32 bytes of our own, so that each round has another one. */
const keyOf = (round: number): string => {
  const type = Buffer.from('ssh-ed25519');
  const wire = Buffer.alloc(4 + type.length + 4 + 32, round + 7);
  wire.writeUInt32BE(type.length, 0);
  type.copy(wire, 4);
  wire.writeUInt32BE(32, 4 + type.length);
  return `ssh-ed25519 ${wire.toString('base64')} round${round}`;
};

interface Change {
  readonly line: string;
  readonly body: unknown;
  /** Where it is seen, and the text that shows it. */
  readonly seen: string;
  readonly mark: string;
}

/** One change of each kind; every one has a mark of its round. */
function changes(round: number, dataDir: string): readonly Change[] {
  const name = (kind: string): string => `${kind}-${round}`;
  const policy = `version: 1\nrules:\n  - { name: ${name('rule')}, when: { host: a.example }, then: block }\ndefault: allow\n`;
  const rows: readonly (readonly [path: string, body: unknown, mark: string])[] = [
    ['users', { name: name('user'), password: 'correct horse battery' }, name('user')],
    ['users/admin/keys', { key: keyOf(round) }, `round${round}`],
    ['feeds', { name: name('feed'), url: 'https://127.0.0.1:9/list.txt', every: '1d' }, name('feed')],
    ['tokens', { name: name('token'), scopes: ['read'] }, name('token')],
    ['alert-rules', { name: name('alert'), when: 'disk', percent: 5 }, name('alert')],
    ['log-targets', { name: name('target'), url: `file://${dataDir}/log/${name('target')}` }, name('target')],
    ['exports', { name: name('export'), kinds: ['domain'] }, name('export')],
    ['indicators/local', { value: `${name('bad')}.example`, action: 'block' }, name('bad')],
    ['policies', { text: policy }, name('rule')],
  ];
  return rows.map(([path, body, mark]) => ({
    line: `POST /api/v1/${path}`,
    body,
    // The list of feeds shows what was imported; nothing was.
    seen: `GET /api/v1/${path === 'feeds' ? `feeds/${mark}` : path}`,
    mark,
  }));
}

/** The whole tree, as the end of power would: nobody can finish anything. */
async function killAll(gateway: Gateway, pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      // It died with its supervisor before its turn came.
      assert.match(String(error), /ESRCH/);
    }
  }
  await gateway.child.exited;
  await until('all are gone', () => !pids.some(isAlive));
}

async function pidsOf(gateway: Gateway): Promise<readonly number[]> {
  const { processes } = (await gateway.ask('status')) as {
    readonly processes: readonly { readonly pid: number }[];
  };
  return processes.map(({ pid }) => pid);
}

/** What must be the same whatever happened: which doors are open, and whose certificate they show. */
async function identityOf(gateway: Gateway): Promise<unknown> {
  const ports = (await gateway.ask('show', 'ports')) as readonly {
    readonly port: number;
    readonly state: string;
  }[];
  const certificates = (await gateway.ask('show', 'certificates')) as readonly {
    readonly fingerprint: string;
  }[];
  return {
    ports: ports.map(({ port, state }) => `${port} ${state}`),
    certificates: certificates.map(({ fingerprint }) => fingerprint),
  };
}

test('after kill -9 of all processes in the middle of changes, all that was acknowledged is there', async (t) => {
  const scope = scopeOf(t);
  const dataDir = join(await tempDir(scope), 'data');
  const acknowledged: Change[] = [];
  let identity: unknown;
  let token = '';
  for (let round = 0; round <= ROUNDS; round++) {
    const run = openScope();
    t.after(() => run.close());
    const gateway = await startGateway(run, {
      dataDir,
      config: { listeners: { icaps: { enabled: false } } },
    });
    identity ??= await identityOf(gateway);
    assert.deepEqual(await identityOf(gateway), identity);
    if (token === '') {
      const made = (await gateway.ask('token', 'create', '--name', 'all', '--scope', 'admin')) as {
        token: string;
      };
      ({ token } = made);
    }
    const ask = apiOf(run, gateway, { Authorization: `Bearer ${token}` });
    await assertThere(ask, acknowledged, round);
    if (round === ROUNDS) break;
    const pids = await pidsOf(gateway);
    const wanted = changes(round, dataDir);
    // In the last round after all of them, else in the middle.
    const enough = Promise.withResolvers<void>();
    const count = round === ROUNDS - 1 ? wanted.length : 1 + round * 2;
    let done = 0;
    const asked = wanted.map(async (change) => {
      const { status, text } = await ask(change.line, { body: change.body });
      assert.ok(status === 200 || status === 201, `${change.line}: ${status} ${text}`);
      acknowledged.push(change);
      if (++done === count) enough.resolve();
    });
    const ended = Promise.allSettled(asked);
    await Promise.race([enough.promise, ended]);
    await killAll(gateway, pids);
    for (const outcome of await ended) {
      // Whoever got no answer lost the connection; an answer that refuses would be a fault of this test.
      if (outcome.status === 'rejected') assert.doesNotMatch(String(outcome.reason), /AssertionError/);
    }
    await run.close();
  }
  assert.ok(acknowledged.length >= ROUNDS + 8, `${acknowledged.length} changes were acknowledged`);
});

async function assertThere(ask: Ask, acknowledged: readonly Change[], round: number): Promise<void> {
  const audit = (await ask('GET /api/v1/audit?limit=500')).text;
  for (const { seen, mark } of acknowledged) {
    const { status, text } = await ask(seen);
    assert.equal(status, 200, text);
    // There is one policy: that of an earlier round was replaced.
    if (!seen.endsWith('/policies') || mark === `rule-${round - 1}`)
      assert.ok(text.includes(mark), `${mark} in ${seen}`);
    if (!seen.endsWith('/policies') && !seen.endsWith('/keys'))
      assert.ok(audit.includes(mark), `${mark} in the audit`);
  }
  const { document } = await ask('GET /api/v1/config/versions?limit=500');
  const { items } = document as { readonly items: readonly { readonly number: number }[] };
  assert.deepEqual(
    items.map(({ number }) => number),
    items.map((_, back) => items[0]!.number - back),
    'numbers without holes',
  );
}
