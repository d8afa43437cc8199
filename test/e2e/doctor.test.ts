import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from '../support/authority.ts';
import { runChild } from '../support/child.ts';
import { startGateway } from '../support/gateway.ts';
import { type Scope, scopeOf, tempDir } from '../support/scope.ts';
import { startTcpServer } from '../support/tcp-server.ts';

const BIN = new URL('../../bin/sallyport.mjs', import.meta.url).pathname;

interface Found {
  readonly check: string;
  readonly state: string;
  readonly detail: string;
  readonly hint: string;
}

/** Runs `doctor` on a gateway that does not run, and gives what it complains about. */
async function complaints(scope: Scope, config: unknown, limit?: number): Promise<readonly Found[]> {
  const dir = await tempDir(scope, 'doctor');
  const file = join(dir, 'sallyport.yaml');
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config, undefined, 2));
  const words = [BIN, 'doctor', '--json', '--config', file, '--data-dir', join(dir, 'data')];
  const result =
    limit === undefined
      ? await runChild(scope, process.execPath, words)
      : await runChild(scope, '/bin/sh', [
          '-c',
          `ulimit -n ${limit}; exec "$@"`,
          'sh',
          process.execPath,
          ...words,
        ]);
  return found(result.stdout);
}

function found(stdout: string): readonly Found[] {
  // The shape of the command's document.
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly Found[] };
  return checks.filter(({ state, check }) => state !== 'ok' && check !== 'gateway');
}

function one(findings: readonly Found[], check: RegExp): Found {
  const matching = findings.filter((each) => check.test(each.check));
  assert.equal(matching.length, 1, JSON.stringify(findings, undefined, 1));
  assert.notEqual(matching[0]!.hint, '');
  return matching[0]!;
}

const FREE = Object.fromEntries(
  ['ssh', 'http', 'https', 'webReputation', 'webReputationTls', 'forwardProxy', 'icap', 'icaps'].map(
    (key) => [key, { port: 0 }],
  ),
);

test('faults of a stopped gateway, each named with what mends it', async (t) => {
  const scope = scopeOf(t);

  await t.test('a key that is none', async () => {
    const finding = one(await complaints(scope, 'egress:\n  resolverz: [10.0.0.53]\n'), /^configuration$/);
    assert.match(finding.detail, /resolverz/);
    assert.match(finding.detail, /:2/);
  });

  await t.test('a port that somebody has', async () => {
    const { port } = await startTcpServer(scope, (socket) => socket.end());
    const listeners = { ...FREE, forwardProxy: { port } };
    const finding = one(await complaints(scope, { listeners, bind: ['127.0.0.1'] }), /^port /);
    assert.match(finding.detail, new RegExp(`process ${process.pid} `));
    assert.match(finding.hint, /listeners\.forwardProxy\.port/);
  });

  await t.test('an address of another machine', async () => {
    const findings = await complaints(scope, { bind: ['198.51.100.7'], listeners: FREE });
    assert.ok(
      findings.some(({ detail, hint }) => detail.includes('not of this machine') && hint.includes('--bind')),
    );
  });

  await t.test('a name server that is away', async () => {
    const finding = one(
      await complaints(scope, { egress: { resolvers: ['127.0.0.1:9'] }, listeners: FREE }),
      /^dns/,
    );
    assert.match(finding.check, /127\.0\.0\.1:9/);
    assert.match(finding.hint, /egress\.resolvers/);
  });

  await t.test('too few files', async () => {
    const finding = one(await complaints(scope, { listeners: FREE }, 1024), /^open files$/);
    assert.equal(finding.state, 'problem');
    assert.match(finding.hint, /LimitNOFILE/);
  });

  await t.test('the whole Internet as internal network', async () => {
    const config = { listeners: FREE, networks: { internal: ['0.0.0.0/0'] } };
    assert.match(one(await complaints(scope, config), /^networks$/).detail, /0\.0\.0\.0\/0/);
  });
});

test('faults of a running gateway, each named with what mends it', async (t) => {
  const scope = scopeOf(t);
  const certificate = await makeCertificate(scope);
  // An inspecting firewall: its own authority, and a clock that is two hours behind.
  const inspector = createServer({ key: certificate.key, cert: certificate.cert }, (_request, response) => {
    response.sendDate = false;
    response.setHeader('Date', new Date(Date.now() - 7_200_000).toUTCString());
    response.end();
  });
  await new Promise<void>((resolve) => inspector.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    inspector.closeAllConnections();
    inspector.close();
  });
  // A server that listens on an IP address has an address with a port.
  const { port } = inspector.address() as AddressInfo;
  const tls = await tempDir(scope, 'own-tls');
  writeFileSync(join(tls, 'cert.pem'), certificate.cert);
  writeFileSync(join(tls, 'key.pem'), certificate.key, { mode: 0o600 });
  const gateway = await startGateway(scope, {
    config: {
      egress: { allowDestinations: ['127.0.0.0/8'] },
      tls: {
        certificateFile: join(tls, 'cert.pem'),
        keyFile: join(tls, 'key.pem'),
      },
      scan: { clamd: { socket: join(tls, 'no-clamd.sock') } },
    },
  });
  const url = `https://localhost:${port}/list.txt`;
  await gateway.command('feed', 'add', 'inspected', '--url', url, '--every', '1h');
  await gateway.command('feed', 'add', 'closed', '--url', 'https://127.0.0.1:9/list.txt', '--every', '1h');
  const look = async (): Promise<readonly Found[]> =>
    found((await gateway.command('doctor', '--json')).stdout);
  const findings = await look();

  await t.test('somebody who inspects TLS, by the name of its authority', () => {
    const finding = one(findings, new RegExp(`^egress localhost:${port}$`));
    assert.match(finding.detail, /"Test CA".*inspects TLS/);
    assert.match(finding.hint, /feed edit/);
  });
  await t.test('a clock that differs', () => {
    assert.match(one(findings, /^clock$/).detail, /7[12]\d\d s ahead of localhost/);
  });
  await t.test('a place that cannot be reached', () => {
    assert.match(one(findings, /^egress 127\.0\.0\.1:9$/).detail, /feed closed cannot reach it/);
  });
  await t.test('a certificate that ends soon', () => {
    assert.match(one(findings, /^certificate server-expiry$/).detail, /ends in (29|30) days/);
  });
  await t.test('a scanner that is away', () => {
    assert.ok(
      findings.some(({ detail }) => detail.includes('clamd')),
      JSON.stringify(findings, undefined, 1),
    );
  });
  await t.test('a master key that others can read', async () => {
    const key = join(gateway.dataDir, 'master.key');
    chmodSync(key, 0o644);
    assert.equal(one(await look(), /^data directory$/).hint, `chmod 600 ${key}`);
    chmodSync(key, 0o600);
  });
  await t.test('a control process that hangs', async () => {
    // The document of the command.
    const { processes } = (await gateway.ask('status')) as {
      readonly processes: readonly { readonly role: string; readonly pid: number }[];
    };
    const control = processes.find(({ role }) => role === 'control')!.pid;
    process.kill(control, 'SIGSTOP');
    try {
      const result = await gateway.command('doctor', '--json');
      const { checks } = JSON.parse(result.stdout) as { readonly checks: readonly Found[] };
      const finding = checks.find(({ check }) => check === 'gateway')!;
      assert.equal(finding.state, 'problem');
      assert.match(finding.detail, /control does not answer/);
    } finally {
      process.kill(control, 'SIGCONT');
    }
  });
});

test('a full disk is a problem with the commands that make room', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('mounting a small file system needs root');
  const scope = scopeOf(t);
  const dir = await tempDir(scope, 'small-disk');
  const mounted = await runChild(scope, 'mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dir]);
  if (mounted.code !== 0) return t.skip(`mount: ${mounted.stderr.trim()}`);
  scope.after(() => runChild(scope, 'umount', [dir]).then(() => undefined));
  mkdirSync(join(dir, 'data'));
  const file = join(dir, 'sallyport.yaml');
  writeFileSync(file, JSON.stringify({ listeners: FREE }));
  const words = [BIN, 'doctor', '--json', '--config', file, '--data-dir', join(dir, 'data')];
  const finding = one(found((await runChild(scope, process.execPath, words)).stdout), /^disk$/);
  assert.match(finding.hint, /quarantine purge/);
  // Looking makes nothing.
  assert.deepEqual(readdirSync(join(dir, 'data')), []);
  assert.equal(readFileSync(file, 'utf8').length > 0, true);
});
