import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GatewayError, type Input, type Result } from '../../kernel/index.ts';
import { documentSection, openState, putDocument, stateCommands } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-state-commands-'));
after(() => rmSync(folder, { recursive: true }));

const log = { debug() {}, info() {}, warn() {}, error() {} };
const clock = { now: () => Date.parse('2026-01-01T00:00:00Z'), monotonic: () => 0 };
const state = await openState({
  dataDir: join(folder, 'data'),
  clock,
  log,
  sections: [documentSection('feeds', () => [])],
});
after(() => state.close());

function run(words: string, input: Partial<Input> = {}): Promise<Result> {
  const command = stateCommands.find((candidate) => candidate.words === words);
  assert.ok(command !== undefined, words);
  const whole = { words: {}, rest: [], options: {}, ...input };
  return command.run({ state }, whole, { actor: 'alice', progress: () => undefined });
}

async function code(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => assert.fail('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GatewayError, String(error));
  return error.code;
}

function viewText(result: Result): string {
  return JSON.stringify(result.view);
}

test('export, apply with and without a dry run, versions, rollback, audit', async () => {
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, 'format: 1\nfeeds:\n  a: {url: "https://x/"}\n  b: {url: "https://y/"}\n');
  const dry = await run('config apply', { words: { file }, options: { 'dry-run': true } });
  assert.equal(Reflect.get(Object(dry.document), 'version'), null);
  assert.match(viewText(dry), /dry run, nothing was changed/);
  assert.match(viewText(dry), /\+ feeds: |\+ feeds\.a: /);
  assert.match(viewText(await run('config apply', { words: { file } })), /version 1/);
  assert.match(viewText(await run('config apply', { words: { file } })), /nothing to change/);
  await state.change({ author: 'bob', action: 'feed.add', summary: 'change a feed' }, (tx) =>
    putDocument(tx, 'feeds', 'a', { url: 'z' }),
  );

  const versions = await run('show config versions', { options: { limit: '1' } });
  assert.deepEqual(versions.document, [
    {
      at: '2026-01-01T00:00:00.000Z',
      number: 2,
      author: 'bob',
      summary: 'change a feed',
      diff: [{ op: 'change', path: 'feeds.a.url', before: 'https://x/', after: 'z' }],
    },
  ]);
  assert.match(viewText(versions), /~ feeds\.a\.url: https:\/\/x\/ → z/);
  assert.deepEqual((await run('config versions')).document, (await run('show config versions')).document);

  assert.match(viewText(await run('config rollback', { words: { version: '1' } })), /version 3/);
  const exported = await run('config export');
  assert.deepEqual(exported.document, {
    format: 1,
    feeds: { a: { url: 'https://x/' }, b: { url: 'https://y/' } },
  });
  // What a person is shown can be applied again.
  const [view] = exported.view ?? [];
  assert.ok(view?.kind === 'text');
  writeFileSync(file, view.text);
  assert.match(viewText(await run('config apply', { words: { file } })), /nothing to change/);

  const audit = await run('show audit', { options: { action: 'config.', limit: '2' } });
  assert.deepEqual(
    (audit.document as Record<string, unknown>[]).map((row) => [row['actor'], row['action'], row['outcome']]),
    [
      ['alice', 'config.rollback', 'done'],
      ['alice', 'config.apply', 'done'],
    ],
  );
  const older = await run('show audit', { options: { before: '2', actor: 'alice' } });
  assert.deepEqual(
    (older.document as Record<string, unknown>[]).map((row) => row['id']),
    [1],
  );
});

test('what cannot be applied is refused by name', async () => {
  assert.equal(
    await code(run('config apply', { words: { file: join(folder, 'none') } })),
    'STATE_DOCUMENT_INVALID',
  );
  assert.equal(await code(run('config apply', { words: { file: folder } })), 'STATE_DOCUMENT_INVALID');
  const broken = join(folder, 'broken.yaml');
  writeFileSync(broken, 'feeds: [secret-word');
  const error: unknown = await run('config apply', { words: { file: broken } }).catch(
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GatewayError);
  assert.match(error.message, /broken\.yaml:1/);
  assert.ok(!error.message.includes('secret-word'));
  for (const version of ['9', 'x', '', '-1', '1e3']) {
    assert.equal(
      await code(run('config rollback', { words: { version } })),
      'STATE_VERSION_UNKNOWN',
      version,
    );
  }
});
