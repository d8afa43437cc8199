import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../support/authority.ts';
import { startChild, type Child } from '../support/child.ts';
import { startGateway } from '../support/gateway.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { openRaw, proxyGet } from '../support/raw-client.ts';
import { type Scope, scopeOf, tempDir } from '../support/scope.ts';

const REQUESTS = 3000;

/** Keys that a blocked request has the facts for, as collectors read them. */
const KEYS: Readonly<Record<string, RegExp>> = {
  rt: /^\d{13}$/,
  act: /^block$/,
  app: /^forward-proxy$/,
  devicePayloadId: /^\S+-\S+$/,
  src: /^127\.0\.0\.1$/,
  dvchost: /^\S+$/,
  dhost: /^bad\.example$/,
  in: /^[1-9]\d+$/,
  out: /^[1-9]\d{2,}$/,
  proto: /^TCP$/,
  type: /^0$/,
  request: /^http:\/\/bad\.example\/\d+$/,
  requestMethod: /^GET$/,
  reason: /^indicator-match$/,
  outcome: /^failure$/,
  cn2: /^\d+$/,
  cn2Label: /^wrsScore$/,
  cn3: /^10$/,
  cn3Label: /^detectionType$/,
  cs2: /^local-block$/,
  cs2Label: /^policyName$/,
  cs3: /^local$/,
  cs3Label: /^profileName$/,
};

interface Receiver {
  readonly child: Child;
  lines(): Promise<readonly string[]>;
}

/** rsyslog that takes syslog over TLS (RFC 5425) and writes each message to a file at once. */
async function startReceiver(scope: Scope, dir: string, port: number): Promise<Receiver> {
  const out = join(dir, 'messages.log');
  const configuration = `
global(workDirectory="${dir}" maxMessageSize="64k"
       defaultNetstreamDriverCAFile="${dir}/ca.pem" defaultNetstreamDriverCertFile="${dir}/cert.pem"
       defaultNetstreamDriverKeyFile="${dir}/key.pem")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="store")
template(name="line" type="string" string="%app-name% %msgid% %msg%\\n")
ruleset(name="store" queue.type="Direct") { action(type="omfile" file="${out}" template="line" asyncWriting="off" flushOnTXEnd="on") }
`;
  await writeFile(join(dir, 'rsyslog.conf'), configuration);
  const pid = join(dir, 'rsyslogd.pid');
  const child = startChild(
    scope,
    peerPath('rsyslogd'),
    ['-n', '-f', join(dir, 'rsyslog.conf'), '-i', pid],
    {},
  );
  return {
    child,
    lines: async () =>
      (await readFile(out, 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''),
  };
}

/** Asks for each URL on one connection of the proxy, which refuses them. */
async function blocked(proxyPort: number, urls: readonly string[]): Promise<void> {
  let client = await openRaw(proxyPort);
  for (const url of urls) {
    client.send(proxyGet(url));
    const answer = await client.response();
    assert.equal(answer.status, 403);
    if (!/close/i.test(answer.head.match(/^connection:.*$/im)?.[0] ?? '')) continue;
    client.socket.destroy();
    client = await openRaw(proxyPort);
  }
  client.socket.destroy();
}

test(
  'rsyslog gets every event as CEF over TLS, also those of the time when it was killed',
  { skip: missingPeer('rsyslogd', 'openssl') },
  async (t) => {
    const scope = scopeOf(t);
    const dir = await tempDir(scope, 'rsyslog');
    const certificate = await makeCertificate(scope);
    await writeFile(join(dir, 'ca.pem'), await readFile(certificate.caFile));
    await writeFile(join(dir, 'cert.pem'), certificate.cert);
    await writeFile(join(dir, 'key.pem'), certificate.key);
    const port = await freePort();
    let receiver = await startReceiver(scope, dir, port);
    const gateway = await startGateway(scope, { edges: 1 });
    await gateway.ask('indicator', 'block', 'bad.example');
    const url = `syslog+tls://localhost:${port}`;
    await gateway.ask(
      'log',
      'target',
      'add',
      'siem',
      '--url',
      url,
      '--format',
      'cef',
      '--ca-file',
      certificate.caFile,
      '--type',
      'decision.',
    );
    const until = async (isTrue: () => Promise<boolean>, what: string): Promise<void> => {
      const end = performance.now() + 60_000;
      while (!(await isTrue())) {
        assert.ok(performance.now() < end, what);
        await sleep(200);
      }
    };
    await until(
      async () => (await gateway.command('log', 'target', 'test', 'siem')).code === 0,
      'the receiver is up',
    );

    const load = async (from: number, to: number): Promise<void> =>
      blocked(
        gateway.proxyPort,
        Array.from({ length: to - from }, (_, at) => `http://bad.example/${from + at}`),
      );
    await load(0, REQUESTS / 3);
    receiver.child.signal('SIGKILL');
    await receiver.child.exited;
    await load(REQUESTS / 3, (2 * REQUESTS) / 3);
    receiver = await startReceiver(scope, dir, port);
    await load((2 * REQUESTS) / 3, REQUESTS);
    const seen = async (): Promise<ReadonlySet<string>> =>
      new Set(
        (await receiver.lines()).flatMap(
          (line) => /request=http:\/\/bad\.example\/(\d+)/.exec(line)?.[1] ?? [],
        ),
      );
    await until(async () => (await seen()).size === REQUESTS, `all ${REQUESTS} have arrived`);
    const lines = await receiver.lines();
    const [first] = lines.filter((line) => line.includes('decision.block'));
    assert.match(
      first!,
      /^sallyport decision\.block \s*CEF:0\|Sallyport\|Service Gateway\|.*act=block app=forward-proxy/,
    );
    const keys = new Map(
      Array.from(
        first!.matchAll(/[ |]([A-Za-z0-9]+)=(\S*)/g),
        ([, key = '', value = '']) => [key, value] as const,
      ),
    );
    for (const [key, pattern] of Object.entries(KEYS)) assert.match(keys.get(key) ?? '', pattern, key);
    t.diagnostic(
      `${lines.length} lines for ${REQUESTS} events: those sent shortly before the kill came twice`,
    );
  },
);
