import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { scopeOf, tempDir } from '../../../test/support/scope.ts';
import type { Log } from '../../kernel/index.ts';
import type { TargetLimits } from './limits.ts';
import { type LogTarget, readTarget } from './target.ts';
import { TargetsThread } from './thread.io.ts';

const TARGET = readTarget('siem', { url: 'syslog+tcp://127.0.0.1:601' }) as LogTarget;
const LIMITS: TargetLimits = {
  targetsMax: 8,
  queueBytesMax: 1024 * 1024,
  messageBytesMax: 65_536,
  connectMs: 1000,
  idleMs: 1000,
  settleMs: 100,
  retryMaxMs: 100,
  folders: [],
  fileBytesMax: 1024 ** 2,
};

/** Writes down what it is told, and dies of the first event of its first life. */
const MORTAL = `
  import { appendFileSync, readFileSync } from 'node:fs';
  import { parentPort, workerData } from 'node:worker_threads';
  const path = workerData.dataDir + '/told';
  let before = '';
  try { before = readFileSync(path, 'utf8'); } catch {}
  const life = before === '' ? 1 : 2;
  parentPort.on('message', (message) => {
    if (message.kind === 'close') return parentPort.close();
    appendFileSync(path, life + ' ' + message.kind + ' ' + (message.lines ?? []).join() + '\\n');
    if (life === 1 && message.kind === 'offer') throw new Error('died');
    parentPort.postMessage({ kind: 'done', id: message.id, statuses: [] });
  });
`;
const PROGRAM = new URL(`data:text/javascript,${encodeURIComponent(MORTAL)}`);

test('a thread that dies is started again and gets what it had not queued', async (t) => {
  const scope = scopeOf(t);
  const dataDir = await tempDir(scope, 'thread');
  const logged: string[] = [];
  const note = (event: string): void => void logged.push(event);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const speaker = { hostname: 'gw', version: '1', pid: 1 };
  const thread = new TargetsThread({ dataDir, speaker }, log, PROGRAM);
  scope.after(() => thread.close());
  await thread.use([TARGET], LIMITS);
  thread.offer({ lines: ['a'], types: ['decision.block'], severities: ['info'] });
  thread.offer({ lines: ['b'], types: ['decision.block'], severities: ['info'] });
  const told = (): readonly string[] => readFileSync(join(dataDir, 'told'), 'utf8').trim().split('\n');
  for (let tries = 0; tries < 2400 && told().at(-1) !== '2 offer b'; tries++) await sleep(25);
  assert.deepEqual(told(), ['1 use ', '1 offer a', '2 use ', '2 offer a', '2 offer b']);
  assert.ok(logged.includes('log-target.thread-died'));
});

test('without targets there is no thread, and nothing to end', async (t) => {
  const dataDir = await tempDir(scopeOf(t), 'thread');
  const speaker = { hostname: 'gw', version: '1', pid: 1 };
  const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
  const thread = new TargetsThread({ dataDir, speaker }, log, PROGRAM);
  await thread.use([], LIMITS);
  await thread.close();
  assert.throws(() => readFileSync(join(dataDir, 'told')));
});

test('what finds no room while the thread does not answer is lost and counted', async (t) => {
  const scope = scopeOf(t);
  const dataDir = await tempDir(scope, 'thread');
  const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
  const speaker = { hostname: 'gw', version: '1', pid: 1 };
  const status = { state: 'ok', reason: '', sent: 0, waitingBytes: 0, droppedBytes: 0 };
  const deaf = `
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (message) => {
      if (message.kind === 'close') return parentPort.close();
      const statuses = [['siem', ${JSON.stringify(status)}]];
      if (message.kind === 'use') parentPort.postMessage({ kind: 'done', id: message.id, statuses });
    });
  `;
  const program = new URL(`data:text/javascript,${encodeURIComponent(deaf)}`);
  const thread = new TargetsThread({ dataDir, speaker }, log, program);
  scope.after(() => thread.close());
  await thread.use([TARGET], LIMITS);
  const line = 'x'.repeat(16 * 1024 * 1024);
  for (let at = 0; at < 6; at++)
    thread.offer({ lines: [line], types: ['decision.block'], severities: ['info'] });
  const { waitingBytes, droppedBytes } = thread.status('siem')!;
  assert.deepEqual([waitingBytes, droppedBytes], [4 * line.length, 2 * line.length]);
});
