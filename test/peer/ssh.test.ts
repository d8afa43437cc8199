/** OpenSSH against the SSH door: signing in, commands, and everything that is refused. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { totpAt } from '../../src/engines/identity/totp.ts';
import { runChild } from '../support/child.ts';
import { ADMIN_PASSWORD, startGateway, type Gateway } from '../support/gateway.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { openScope } from '../support/scope.ts';
import { sshLab, type SshLab } from '../support/ssh.ts';

describe('OpenSSH', { skip: missingPeer('ssh', 'ssh-keygen', 'sftp', 'scp') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let lab: SshLab;
  let key: string;

  before(async () => {
    gateway = await startGateway(scope, {
      // Long enough for a client on a busy machine to sign in.
      config: { ssh: { unauthenticatedMax: 4, unauthenticatedPerSourceMax: 4, loginGrace: '15s' } },
    });
    lab = await sshLab(scope, gateway);
    key = await lab.keygen('id_ed25519', '-t', 'ed25519');
    await addKey('admin', key);
  });
  after(() => scope.close());

  async function addKey(user: string, file: string): Promise<void> {
    const line = (await readFile(`${file}.pub`, 'utf8')).trim();
    await gateway.ask('user', 'key', 'add', user, ...line.split(' '));
  }

  async function refusals(): Promise<string> {
    return gateway.metrics();
  }

  test('a command gives one JSON document and its exit code; an error goes to standard error', async () => {
    const ports = await lab.run(key, ['show', 'ports', '--json']);
    assert.equal(ports.code, 0, ports.stderr);
    const rows = JSON.parse(ports.stdout) as { readonly port: number; readonly state: string }[];
    assert.equal(rows.find((row) => row.port === 22)?.state, 'open');

    const wrong = await lab.run(key, ['show', 'prots', '--json']);
    assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
    assert.deepEqual(JSON.parse(wrong.stderr), {
      code: 'CLI_UNKNOWN_COMMAND',
      message: 'unknown command "show prots"',
      hint: 'did you mean: show ports',
    });
    const missing = await lab.run(key, ['token', 'revoke', 'nothing']);
    assert.equal(missing.code, 6, missing.stderr);
  });

  test('every kind of key signs in that is strong enough', async () => {
    for (const [name, ...kind] of [
      ['id_rsa', '-t', 'rsa', '-b', '3072'],
      ['id_ecdsa', '-t', 'ecdsa', '-b', '521'],
    ] as const) {
      const file = await lab.keygen(name, ...kind);
      assert.equal((await lab.run(file, ['version'])).code, 255, 'not before it is known');
      await addKey('admin', file);
      const { code, stderr } = await lab.run(file, ['version']);
      assert.equal(code, 0, stderr);
    }
    const weak = await lab.keygen('id_weak', '-t', 'rsa', '-b', '1024');
    await assert.rejects(addKey('admin', weak), /IDENTITY_KEY/);
  });

  test('shell metacharacters are refused, and nothing of the line runs', async () => {
    for (const line of [
      'show version; id',
      'show version && id',
      'show version | sh',
      'show `id`',
      'show $(id)',
    ]) {
      const { code, stdout, stderr } = await lab.run(key, [line]);
      assert.deepEqual([code, stdout], [2, ''], line);
      assert.match(stderr, /has no meaning here: there is no shell/);
    }
    const split = await lab.run(key, ['version\nid']);
    assert.deepEqual([split.code, split.stdout], [2, '']);
    const counted = await refusals();
    assert.match(counted, /sallyport_ssh_refused_total\{what="shell-syntax"\} 5/);
    assert.match(counted, /sallyport_ssh_refused_total\{what="control-character"\} 1/);
    const events = (await gateway.ask('show', 'events', '--type', 'ssh.refused')) as {
      readonly items: readonly { readonly reason: string; readonly user: string }[];
    };
    assert.equal(events.items.filter(({ reason }) => reason === 'shell-syntax').length, 5);
  });

  test('what is quoted in an error is bounded', async () => {
    const { code, stderr } = await lab.run(key, ['lookup', 'url', 'a'.repeat(20_000)]);
    assert.equal(code, 2);
    assert.match(stderr, /… \(20\d\d\d characters\)/);
    assert.ok(stderr.length < 6000);
  });

  test('a megabyte without an end is refused, and what follows runs', async () => {
    const client = lab.open(key, '-T');
    client.write(`lookup url http://x/${'a'.repeat(1024 * 1024)}\nversion\n`);
    client.end();
    assert.equal((await client.exited).code, 0);
    assert.match(client.stderr(), /the line is longer than 65536 bytes and was not run/);
    assert.match(await refusals(), /sallyport_ssh_refused_total\{what="line-too-long"\} 1/);
    assert.match(client.stdout(), /^sallyport /);
  });

  test('files of the gateway cannot be named', async () => {
    const { code, stderr } = await lab.run(key, ['user', 'add', 'eve', '--password-file', '/etc/passwd']);
    assert.equal(code, 2);
    assert.match(stderr, /unknown option/);
    const policy = await lab.run(key, ['policy', 'apply', '/etc/passwd', '--json']);
    assert.notEqual(policy.code, 0);
    assert.doesNotMatch(policy.stderr, /root:/);
  });

  test('forwarding, subsystems, copies, agent, X11 and environment are refused and counted', async () => {
    const dash = await lab.run(key, [], ['-W', `127.0.0.1:${gateway.ports.https}`]);
    assert.equal(dash.code, 255);
    const remote = await lab.run(key, ['version'], ['-R', '0:127.0.0.1:1', '-o', 'ExitOnForwardFailure=yes']);
    assert.equal(remote.code, 255);
    const agent = await lab.run(key, ['version'], ['-A', '-X', '-o', 'SetEnv=FOO=bar']);
    assert.equal(agent.code, 0);
    const transfer = ['-i', key, '-o', 'BatchMode=yes', ...lab.options, '-P', String(lab.port)];
    const sftp = await runChild(scope, peerPath('sftp'), [...transfer, 'admin@127.0.0.1']);
    assert.equal(sftp.code, 255);
    for (const more of [[], ['-O']]) {
      const scp = await runChild(scope, peerPath('scp'), [
        ...transfer,
        ...more,
        key,
        'admin@127.0.0.1:/tmp/x',
      ]);
      assert.notEqual(scp.code, 0);
    }
    const counted = await refusals();
    for (const what of ['forwarding', 'subsystem', 'env', 'scp']) {
      assert.match(counted, new RegExp(`sallyport_ssh_refused_total\\{what="${what}"\\} [1-9]`), what);
    }
  });

  test('-L and -D open a local port that leads nowhere', async () => {
    for (const [flag, where] of [
      ['-L', '0:127.0.0.1:1'],
      ['-D', '0'],
    ] as const) {
      const local = await freePort();
      const client = lab.open(key, '-N', flag, where.replace(/^0/, `127.0.0.1:${local}`));
      const bytes = await untilAnswered(local, flag === '-D' ? SOCKS : 'GET / HTTP/1.0\r\n\r\n');
      // SOCKS answers its greeting itself; what lies behind is refused.
      assert.ok(!bytes.includes('HTTP/'), flag);
      await client.stop();
    }
  });

  test('password and code by keyboard-interactive; the password alone where there is no second factor', async () => {
    const alone = await lab.interactive([ADMIN_PASSWORD], ['version']);
    assert.equal(alone.code, 0, alone.stderr);
    await gateway.ask('user', 'add', 'tina', '--role', 'operator', '--password', 'a long phrase of tina');
    const { secret } = (await gateway.ask('user', 'totp', 'enable', 'tina')) as { readonly secret: string };
    const bytes = fromBase32(secret);
    await gateway.ask('user', 'totp', 'enable', 'tina', '--code', totpAt(bytes, Date.now()));
    const as = ['-l', 'tina'];
    assert.equal((await lab.interactive(['a long phrase of tina', '000000'], ['version'], as)).code, 255);
    // Of the next step: it is good whether or not that begins meanwhile.
    const code = totpAt(bytes, Date.now() + 30_000);
    const right = await lab.interactive(['a long phrase of tina', code], ['show', 'sessions', '--json'], as);
    assert.equal(right.code, 0, right.stderr);
    assert.match(right.stdout, /"user": "tina"/);
    const again = await lab.interactive(['a long phrase of tina', code], ['version'], as);
    assert.equal(again.code, 255, 'a code is taken once');
  });

  test('an operator looks and changes nothing; a user has nothing to do here', async () => {
    await gateway.ask('user', 'add', 'olga', '--role', 'operator', '--password', 'a long phrase of olga');
    await gateway.ask('user', 'add', 'ulf', '--role', 'user', '--password', 'a long phrase of ulf');
    await addKey('olga', key);
    await addKey('ulf', key);
    assert.equal((await lab.run(key, ['status'], ['-l', 'olga'])).code, 0);
    const change = await lab.run(key, ['feed', 'remove', 'x', '--json'], ['-l', 'olga']);
    assert.equal(change.code, 6);
    assert.equal((JSON.parse(change.stderr) as { code: string }).code, 'SSH_ROLE');
    assert.equal((await lab.run(key, ['version'], ['-l', 'ulf'])).code, 255);
    assert.equal((await lab.run(key, ['version'], ['-l', 'local'])).code, 255);
    const refused = await gateway.command('user', 'add', 'local', '--password', 'a long phrase of local');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /is no name for an account/);
  });

  test('wrong passwords end in a ban, for that user from that place alone', async () => {
    await gateway.ask('user', 'add', 'bert', '--role', 'operator', '--password', 'a long phrase of bert');
    const as = ['-l', 'bert'];
    for (let count = 0; count < 5; count++) {
      assert.equal((await lab.interactive([`wrong ${count}`], ['version'], as)).code, 255);
    }
    assert.equal((await lab.interactive(['a long phrase of bert'], ['version'], as)).code, 255);
    assert.equal((await lab.run(key, ['version'])).code, 0);
    const events = JSON.stringify(await gateway.ask('show', 'audit', '--limit', '200'));
    assert.match(events, /login.ban/);
  });

  test('connections that never sign in are bounded, and end by themselves', async () => {
    const flood = await Promise.all(Array.from({ length: 12 }, () => halfOpen(lab.port)));
    const cut = flood.filter(({ greeted }) => !greeted).length;
    assert.equal(cut, 8, 'four may wait, the others are closed at once');
    await Promise.all(flood.map(({ closed }) => closed));
    assert.equal((await lab.run(key, ['version'])).code, 0);
    assert.match(await refusals(), /sallyport_ssh_floods_total [1-9]/);
  });

  test('every command is in the audit, with the source, and without secrets', async () => {
    await lab.run(key, ['user', 'passwd', 'admin', '--password', `'${ADMIN_PASSWORD}'`]);
    const rows = (await gateway.ask('show', 'audit', '--limit', '20')) as readonly Record<string, unknown>[];
    const text = JSON.stringify(rows);
    assert.match(text, /user passwd admin --password \*\*\*/);
    assert.ok(!text.includes(ADMIN_PASSWORD));
    const row = rows.find((each) => each['action'] === 'ssh.command');
    assert.deepEqual([row?.['actor'], row?.['source']], ['admin', '127.0.0.1']);
  });

  test('lines from a script run one after the other; the last one gives the exit code', async () => {
    const client = lab.open(key, '-T');
    client.write('version\nshow nothing\n# a remark\n\nversion\nexit\nversion\n');
    client.end();
    assert.equal((await client.exited).code, 0);
    assert.equal(client.stdout().match(/^sallyport /gm)?.length, 2);
    assert.match(client.stderr(), /unknown command "show nothing"/);
  });

  test('a session that is closed ends its connection', async () => {
    const client = lab.open(key, '-tt');
    await client.waitFor(/> $/, 90_000);
    // Those of the tests before may still be ending.
    let open: readonly { readonly id: string }[] = [];
    for (let tries = 0; tries < 100 && open.length !== 1; tries++)
      open = (await gateway.ask('show', 'sessions')) as typeof open;
    await gateway.ask('session', 'close', open[0]?.id ?? '');
    await client.waitFor(/this session ends: it was closed/, 90_000);
    await client.exited;
  });

  test('when the process of the door is killed, it comes back, and nothing else is touched', async () => {
    const was = await processes();
    process.kill(was.get('admin') ?? -1, 'SIGKILL');
    let code: number | null = 255;
    for (let tries = 0; tries < 100 && code !== 0; tries++) code = (await lab.run(key, ['version'])).code;
    assert.equal(code, 0);
    const later = await processes();
    assert.notEqual(later.get('admin'), was.get('admin'));
    assert.deepEqual([later.get('control'), later.get('edge')], [was.get('control'), was.get('edge')]);
    let sessions: readonly unknown[] = ['unknown'];
    for (let tries = 0; tries < 100 && sessions.length > 0; tries++)
      sessions = (await gateway.ask('show', 'sessions')) as readonly unknown[];
    assert.deepEqual(sessions, [], 'those of the process that is gone are over');
  });

  test('when control is killed, sessions are told why they end, and a script does not end well', async () => {
    const prompt = lab.open(key, '-tt');
    await prompt.waitFor(/> $/, 90_000);
    const script = lab.open(key, '-T');
    script.write('version\n');
    await script.waitFor(/sallyport/, 90_000);
    process.kill((await processes()).get('control') ?? -1, 'SIGKILL');
    for (const client of [prompt, script]) {
      await client.waitFor(
        /this session ends: control, which alone knows who is signed in, was started again/,
        60_000,
      );
    }
    assert.equal((await script.exited).code, 11);
    await prompt.exited;
    let code: number | null = 255;
    for (let tries = 0; tries < 100 && code !== 0; tries++) code = (await lab.run(key, ['version'])).code;
    assert.equal(code, 0);
  });

  async function processes(): Promise<ReadonlyMap<string, number>> {
    const status = (await gateway.ask('status')) as {
      readonly processes: readonly { readonly role: string; readonly pid: number }[];
    };
    return new Map(status.processes.map(({ role, pid }) => [role, pid]));
  }

  test('the host key is the same after a restart', async () => {
    const first = await readFile(join(lab.dir, 'known_hosts'), 'utf8');
    assert.match(first, /ssh-ed25519/);
    const rows = (await gateway.ask('show', 'host-keys')) as readonly { readonly line: string }[];
    await gateway.child.stop();
    gateway = await startGateway(scope, { dataDir: gateway.dataDir, config: { ssh: { idle: '10s' } } });
    assert.deepEqual(await gateway.ask('show', 'host-keys'), rows);
  });

  test('a prompt at which nobody types ends, and says so', async () => {
    const later = await sshLab(scope, gateway);
    const client = later.open(key, '-tt');
    await client.waitFor(/this session ends: nothing was typed for 10 s\s+\u001B\[\?2004l/, 60_000);
    await client.exited;
    const rows = (await gateway.ask('show', 'audit', '--limit', '1')) as readonly Record<string, unknown>[];
    assert.equal(rows[0]?.['action'], 'login.ended');
  });
});

const SOCKS = '\u0005\u0001\u0000\u0005\u0001\u0000\u0001\u007F\u0000\u0000\u0001\u0000\u0001';

/** Tries until the client has opened its port; gives what comes back until the end. */
async function untilAnswered(port: number, text: string): Promise<string> {
  for (;;) {
    const found = await new Promise<string | undefined>((resolve) => {
      let got = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(text, 'latin1')));
      socket.on('data', (bytes) => void (got += bytes.toString('latin1')));
      socket.on('error', () => resolve(undefined));
      socket.on('close', () => resolve(got));
    });
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function halfOpen(
  port: number,
): Promise<{ readonly greeted: boolean; readonly closed: Promise<void> }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const greeted = await Promise.race([
    new Promise<boolean>((resolve) => socket.once('data', () => resolve(true))),
    closed.then(() => false),
  ]);
  socket.resume();
  return { greeted, closed };
}

function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (sign) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((each) => Number.parseInt(each, 2)));
}
