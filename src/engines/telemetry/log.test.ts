import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { defineErrors } from '../../kernel/index.ts';
import { urlRedactor } from '../../protocols/url/index.ts';
import { createLog, type LogOptions, Secret } from './index.ts';

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6), monotonic: () => 0 };

function logged(options: Partial<LogOptions>) {
  const lines: string[] = [];
  const log = createLog({
    level: 'info',
    format: 'json',
    name: 'edge',
    pid: 7,
    clock,
    redactor: urlRedactor(['token']),
    write: (line) => void lines.push(line),
    ...options,
  });
  return { log, lines };
}

test('a JSON line has time, level, process and event, then the fields', () => {
  const { log, lines } = logged({});
  log.debug('not.written');
  log.info('edge.ready', { ports: [80, 443], none: undefined, big: 12n });
  assert.deepEqual(lines, [
    '{"time":"2026-01-02T03:04:05.006Z","level":"info","process":"edge","pid":7,"event":"edge.ready","ports":[80,443],"big":"12"}\n',
  ]);
});

test('a pretty line is for people', () => {
  const { log, lines } = logged({ format: 'pretty', level: 'debug' });
  log.warn('feed.stale', { feed: 'urlhaus', hint: 'Import it again.' });
  log.debug('x');
  assert.deepEqual(lines, [
    '03:04:05.006 warn  edge       feed.stale feed=urlhaus hint="Import it again."\n',
    '03:04:05.006 debug edge       x\n',
  ]);
});

test('what a peer sends cannot break the line or the terminal', () => {
  for (const format of ['json', 'pretty'] as const) {
    const { log, lines } = logged({ format });
    log.info('peer.said', { text: 'a\r\n\u001b[31m"\\\u202e\u009bß😀', nested: { key: '\u0007\u2028' } });
    assert.match(lines.join(''), /^[\x20-\x7e]+\n$/, format);
  }
  const { log, lines } = logged({});
  log.info('peer.said', { text: 'a\r\n\u001b[31m"\\\u202eß😀' });
  assert.equal(JSON.parse(lines[0]!).text, 'a\r\n\u001b[31m"\\\u202eß😀');
});

test('secrets in URLs are not written, however deep the URL is', () => {
  for (const format of ['json', 'pretty'] as const) {
    const { log, lines } = logged({ format });
    const url = 'https://ana:hunter2@x.example/?a=1&token=hunter2';
    const error = new Error(`GET ${url} failed`, { cause: new Error(url) });
    log.warn('feed.failed', { url, deep: [{ url }], error });
    assert.doesNotMatch(lines[0]!, /hunter2/);
    assert.match(lines[0]!, /x\.example\/\?a=1&token=\[secret\]/);
  }
});

test('secrets, cycles and long texts do not get in', () => {
  const { log, lines } = logged({});
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const token = new Secret('hunter2');
  log.error('all', { token, inside: { token }, cycle, call: () => 1, long: 'x'.repeat(100_000) });
  const line: Record<string, unknown> = JSON.parse(lines[0]!);
  assert.equal(line['token'], '[secret]');
  assert.deepEqual(line['inside'], { token: '[secret]' });
  assert.equal(line['cycle'], '[object]');
  assert.equal(line['call'], '[function]');
  assert.ok(lines[0]!.length < 5000);
  assert.ok(!lines[0]!.includes('hunter2'));
  assert.equal(
    `${String(token)} ${inspect(token)} ${inspect({ token })}`,
    '[secret] [secret] { token: [secret] }',
  );
  assert.equal(token.reveal(), 'hunter2');
});

test('an error is its code, message and hint; a bug has a stack', () => {
  const errors = defineErrors({
    X_FULL: { kind: 'limit', message: '{what} is full', hint: 'Empty it.' },
    X_WRONG: { kind: 'bug', message: 'wrong' },
  });
  const { log, lines } = logged({});
  log.error('a', {
    error: errors.X_FULL({ what: 'box', password: 'hunter2' }, { cause: new TypeError('why') }),
  });
  log.error('b', { error: errors.X_WRONG() });
  const [full, wrong] = lines.map((line) => JSON.parse(line).error);
  assert.deepEqual([full.code, full.message, full.hint], ['X_FULL', 'box is full', 'Empty it.']);
  assert.equal(full.stack, undefined);
  assert.equal(full.cause.code, 'TypeError');
  assert.ok(!lines[0]!.includes('hunter2'));
  assert.match(wrong.stack, /log\.test\.ts/);
});
