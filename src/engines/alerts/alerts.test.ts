import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from '../../../test/support/authority.ts';
import { startMailServer } from '../../../test/support/mail-server.ts';
import { missingPeer } from '../../../test/support/peers.ts';
import { type Scope, scopeOf, tempDir } from '../../../test/support/scope.ts';
import { startTcpServer } from '../../../test/support/tcp-server.ts';
import { type AlertsConfig, loadConfig } from '../config/index.ts';
import { Egress, egressMetrics } from '../egress/index.ts';
import { openSealing } from '../identity/index.ts';
import { openState } from '../state/index.ts';
import { createMetrics, type GatewayEvent } from '../telemetry/index.ts';
import {
  alertErrors,
  alertMetrics,
  alertRulesSection,
  type Alerts,
  createAlerts,
  type Situation,
} from './index.ts';

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const skip = missingPeer('openssl');

interface Lab {
  readonly alerts: Alerts;
  readonly time: { now: number };
  /** What is wrong with the gateway now. */
  readonly now: { -readonly [K in keyof Situation]: Situation[K] };
  readonly events: GatewayEvent[];
  readonly sentToTargets: string[];
  counted(name: string, ...labels: readonly string[]): number;
  close(): Promise<void>;
}

interface LabOptions {
  readonly dataDir: string;
  readonly settings?: Partial<AlertsConfig>;
  readonly startMs?: number;
}

async function openLab(
  scope: Scope,
  { dataDir, settings, startMs = 1_700_000_000_000 }: LabOptions,
): Promise<Lab> {
  const time = { now: startMs };
  const clock = { now: () => time.now, monotonic: () => time.now };
  const config = loadConfig({ flags: { dataDir }, environment: {}, checkout: undefined, cores: 1 });
  const metrics = createMetrics([...alertMetrics, ...egressMetrics]);
  const state = await openState({ dataDir, clock, log: quiet, sections: [alertRulesSection] });
  const now = { nowMs: 0, parts: [], feeds: [], certificates: [], disk: undefined } as Lab['now'];
  const events: GatewayEvent[] = [];
  const sentToTargets: string[] = [];
  let ids = 0;
  const egress = new Egress({
    config: { ...config.egress, allowDestinations: ['127.0.0.0/8'] },
    parents: [],
    clock,
    log: quiet,
    metrics,
    own: [],
    machine: [],
  });
  const alerts = createAlerts({
    state,
    clock,
    log: quiet,
    metrics,
    newId: () => `id-${++ids}`,
    host: 'gw.example.test',
    version: '1.2.3',
    sealing: openSealing(dataDir, ({ problem }) => new Error(problem)),
    settings: () => ({ ...config.alerts, ...settings }),
    look: () => Promise.resolve(now),
    egress: () => egress,
    toTarget: (name, event) => {
      sentToTargets.push(`${name} ${event.type}`);
      return undefined;
    },
    event: (event) => void events.push(event),
  });
  await alerts.open();
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await alerts.close();
    egress.close();
    await state.close();
  };
  scope.after(close);
  return {
    alerts,
    time,
    now,
    events,
    sentToTargets,
    counted: (name, ...labels) =>
      (metrics.snapshot()[name] ?? []).find(({ l }) => l.join() === labels.join())?.v[0] ?? 0,
    close,
  };
}

/** Looks, and waits until what is due was sent or has failed. */
async function step(lab: Lab, seconds: number): Promise<void> {
  lab.time.now += seconds * 1000;
  await lab.alerts.check();
  await lab.alerts.settled();
}

test(
  'a letter goes over STARTTLS, with the password behind it, and a second one when it is over',
  { skip },
  async (t) => {
    const scope = scopeOf(t);
    const dataDir = await tempDir(scope);
    const { cert, key, caFile } = await makeCertificate(scope);
    const server = await startMailServer(scope, { cert, key, security: 'starttls' });
    const passwordFile = join(dataDir, 'password');
    writeFileSync(passwordFile, 's3cret\n', { mode: 0o600 });
    const smtp = {
      host: 'localhost',
      port: server.port,
      security: 'starttls',
      user: 'gw',
      passwordFile,
      from: 'gw@example.test',
    } as const;
    const lab = await openLab(scope, { dataDir, settings: { mail: ['ops@example.test'], caFile, smtp } });
    lab.now.feeds = [{ feed: 'urls', state: 'stale', reason: 'last fetched\r\nBcc: all@example.test' }];
    await step(lab, 0);
    lab.now.feeds = [];
    await step(lab, 10);
    assert.equal(server.letters.length, 2);
    const [raised, resolved] = server.letters;
    assert.ok(raised?.isTls);
    assert.deepEqual(raised.commands, [
      'EHLO gw.example.test',
      `AUTH PLAIN ${Buffer.from('\0gw\0s3cret').toString('base64')}`,
      'MAIL FROM:<gw@example.test>',
      'RCPT TO:<ops@example.test>',
      'DATA',
    ]);
    assert.doesNotMatch(raised.text, /^Bcc/m);
    const body = Buffer.from(raised.text.split('\r\n\r\n')[1] ?? '', 'base64').toString();
    assert.match(body, /^ALERT: feed urls is stale/);
    assert.match(resolved?.text ?? '', /Subject: \S*/);
    assert.match(
      Buffer.from(resolved?.text.split('\r\n\r\n')[1] ?? '', 'base64').toString(),
      /^RESOLVED: .*lasted +10 s/s,
    );
    assert.deepEqual(
      lab.events.map(({ type }) => type),
      ['alert.raised', 'alert.resolved'],
    );
    assert.equal(lab.counted('alerts_notices_total', 'mail'), 2);
  },
);

test(
  'TLS from the first byte, and no letter to a server whose certificate is not trusted',
  { skip },
  async (t) => {
    const scope = scopeOf(t);
    const { cert, key, caFile } = await makeCertificate(scope);
    const server = await startMailServer(scope, { cert, key, security: 'tls' });
    const smtp = {
      host: '127.0.0.1',
      port: server.port,
      security: 'tls',
      user: undefined,
      passwordFile: undefined,
      from: undefined,
    } as const;
    const trusting = await openLab(scope, {
      dataDir: await tempDir(scope),
      settings: { mail: ['a@b.example'], caFile, smtp },
    });
    assert.deepEqual(await trusting.alerts.test('disk-low'), [
      { channel: { kind: 'mail', to: ['a@b.example'] }, failure: undefined },
    ]);
    const wary = await openLab(scope, {
      dataDir: await tempDir(scope),
      settings: { mail: ['a@b.example'], smtp },
    });
    const [result] = await wary.alerts.test('disk-low');
    assert.match(result?.failure?.reason ?? '', /certificate|issuer/i);
    assert.equal(server.letters.length, 1);
  },
);

test(
  'a mail server that is silent, talks nonsense or speaks before TLS is left in time',
  { skip },
  async (t) => {
    const scope = scopeOf(t);
    for (const [hello, reason] of [
      ['', /took longer than 200 ms/],
      ['HTTP/1.1 400 Bad Request\r\n', /does not speak SMTP/],
      ['2'.repeat(100_000), /does not speak SMTP/],
      ['220 mx\r\n250 STARTTLS\r\n220 go\r\n250 injected\r\n', /spoke before TLS/],
    ] as const) {
      const server = await startTcpServer(scope, (socket) => void socket.write(hello));
      const smtp = {
        host: '127.0.0.1',
        port: server.port,
        security: 'starttls',
        user: undefined,
        passwordFile: undefined,
        from: undefined,
      } as const;
      const lab = await openLab(scope, {
        dataDir: await tempDir(scope),
        settings: { mail: ['a@b.example'], smtp, timeoutMs: hello === '' ? 200 : 30_000 },
      });
      const [result] = await lab.alerts.test('disk-low');
      assert.match(result?.failure?.reason ?? '', reason);
      await lab.close();
    }
  },
);

test(
  'a webhook gets a signed document; one that fails is called again, also after a restart',
  { skip },
  async (t) => {
    const scope = scopeOf(t);
    const dataDir = await tempDir(scope);
    const { cert, key, caFile } = await makeCertificate(scope);
    const calls: { headers: Record<string, unknown>; body: string }[] = [];
    const answers = [503, 302, 200];
    const server = createServer({ cert, key }, (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        calls.push({ headers: request.headers, body });
        response.writeHead(answers.shift() ?? 200, { Location: 'https://elsewhere.example/' }).end('x');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scope.after(() => void server.close());
    const url = `https://localhost:${(server.address() as AddressInfo).port}/hook?room=7`;
    const key64 = randomBytes(24).toString('base64');

    const lab = await openLab(scope, { dataDir, settings: { caFile } });
    await lab.alerts.add(
      'down',
      { when: 'health', state: 'down', for: '0s', webhooks: [url] },
      `whsec_${key64}`,
      'test',
    );
    lab.now.parts = [{ part: 'icap', state: 'down', reason: 'gone' }];
    await step(lab, 0);
    assert.equal(calls.length, 1, 'answered 503');
    assert.equal(lab.counted('alerts_failures_total', 'webhook'), 1);
    await step(lab, 1);
    assert.equal(calls.length, 1, 'not before its time');
    await lab.close();

    const again = await openLab(scope, { dataDir, settings: { caFile }, startMs: lab.time.now + 5000 });
    again.now.parts = lab.now.parts;
    await step(again, 0);
    assert.equal(calls.length, 2);
    assert.deepEqual(again.events, [], 'the alarm is known: it is not raised again');
    assert.equal(
      again.counted('alerts_lost_total', 'webhook'),
      1,
      'a redirect is not followed and is no success',
    );
    assert.deepEqual(
      again.alerts.active().map(({ rule, key: about }) => [rule, about]),
      [['down', 'icap']],
    );

    const { headers, body } = calls[1]!;
    assert.equal(
      headers['webhook-id'],
      calls[0]?.headers['webhook-id'],
      'the receiver can tell that it is the same',
    );
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const signature = createHmac('sha256', Buffer.from(key64, 'base64')).update(signed).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${signature}`);
    assert.deepEqual(JSON.parse(body), {
      id: headers['webhook-id'],
      type: 'alert.raised',
      time: new Date(1_700_000_000_000).toISOString(),
      gateway: 'gw.example.test',
      version: '1.2.3',
      alert: {
        rule: 'down',
        about: 'icap',
        severity: 'warn',
        text: 'icap is down: gone',
        since: new Date(1_700_000_000_000).toISOString(),
      },
    });
  },
);

test('rules are added, replace built-in ones, are silenced and removed', async (t) => {
  const scope = scopeOf(t);
  const dataDir = await tempDir(scope);
  const lab = await openLab(scope, { dataDir });
  const { alerts } = lab;
  await assert.rejects(alerts.add('x y', { when: 'feed' }, undefined, 'test'), { code: 'ALERT_NAME' });
  await assert.rejects(alerts.add('x', { when: 'feed', for: 'soon' }, undefined, 'test'), {
    code: 'ALERT_VALUE',
  });
  await assert.rejects(alerts.test('disk-low'), { code: 'ALERT_NOBODY' });
  await assert.rejects(alerts.remove('disk-low', 'test'), { code: 'ALERT_BUILT_IN' });
  await assert.rejects(alerts.silence('nothing', 60_000), { code: 'ALERT_UNKNOWN' });
  assert.equal(alertErrors.ALERT_UNKNOWN.spec.exit, 7);

  await alerts.add('feed-stale', { when: 'feed', severity: 'error', targets: ['siem'] }, undefined, 'test');
  await assert.rejects(alerts.add('feed-stale', { when: 'feed' }, undefined, 'test'), {
    code: 'ALERT_EXISTS',
  });
  const named = (await alerts.rules()).filter(({ name }) => name === 'feed-stale');
  assert.deepEqual(
    named.map(({ origin }) => origin),
    ['stored'],
  );

  await alerts.silence('feed-stale', 3_600_000);
  lab.now.feeds = [{ feed: 'urls', state: 'stale', reason: '' }];
  await step(lab, 0);
  assert.deepEqual([alerts.active().length, lab.sentToTargets], [1, []]);
  await lab.close();

  const again = await openLab(scope, { dataDir, startMs: lab.time.now });
  again.now.feeds = lab.now.feeds;
  await step(again, 10);
  assert.deepEqual(again.sentToTargets, [], 'still silent after a restart');
  await again.alerts.silence('feed-stale', 0);
  await step(again, 10);
  assert.deepEqual(again.sentToTargets, ['siem alert.raised']);
  await again.alerts.remove('feed-stale', 'test');
  again.now.feeds = [];
  await step(again, 10);
  assert.deepEqual(again.alerts.active(), []);
});

test('bans and events are counted from what happens', async (t) => {
  const scope = scopeOf(t);
  const lab = await openLab(scope, { dataDir: await tempDir(scope) });
  const time = new Date(lab.time.now).toISOString();
  lab.alerts.observe([
    {
      id: '1',
      time,
      type: 'login.banned',
      severity: 'warn',
      source: '10.0.0.9',
      user: 'root',
      count: 1,
      details: {},
    },
  ]);
  await step(lab, 1);
  assert.deepEqual(
    lab.alerts.active().map(({ rule, text }) => [rule, text]),
    [['login-bans', '1 bans after wrong passwords of source 10.0.0.9 in 600 s']],
  );
  await step(lab, 660);
  assert.deepEqual(lab.alerts.active(), []);
});
