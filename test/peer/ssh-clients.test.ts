/** Certificates, and other programs than OpenSSH at the SSH door. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runChild } from '../support/child.ts';
import { ADMIN_PASSWORD, startGateway, type Gateway } from '../support/gateway.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { openScope } from '../support/scope.ts';
import { sshLab, type SshLab } from '../support/ssh.ts';
import { openTerminal } from '../support/terminal.ts';

const PARAMIKO = '../lib/python3/dist-packages/paramiko/__init__.py';
const NETMIKO = '../lib/python3/dist-packages/netmiko/__init__.py';

describe('SSH clients', { skip: missingPeer('ssh', 'ssh-keygen') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let lab: SshLab;
  let key: string;
  let authority: string;

  before(async () => {
    const first = await startGateway(scope);
    lab = await sshLab(scope, first);
    authority = await lab.keygen('user_ca', '-t', 'ed25519');
    key = await lab.keygen('id', '-t', 'ed25519');
    await first.child.stop();
    const authorities = [(await readFile(`${authority}.pub`, 'utf8')).trim()];
    gateway = await startGateway(scope, {
      dataDir: first.dataDir,
      config: { ssh: { authorities, revoked: ['serial:13'] } },
    });
    lab = { ...(await sshLab(scope, gateway)), keygen: lab.keygen };
    const line = (await readFile(`${key}.pub`, 'utf8')).trim();
    await gateway.ask('user', 'key', 'add', 'admin', ...line.split(' '));
  });
  after(() => scope.close());

  /** A new key with a certificate of the authority; OpenSSH shows the certificate that lies beside it. */
  async function certified(
    name: string,
    kind: readonly string[],
    ...options: readonly string[]
  ): Promise<string> {
    const file = await lab.keygen(name, ...kind);
    const args = ['-q', '-s', authority, '-I', name, ...options, `${file}.pub`];
    const made = await runChild(scope, peerPath('ssh-keygen'), args);
    assert.equal(made.code, 0, made.stderr);
    return file;
  }

  const ED25519 = ['-t', 'ed25519'];

  test('a certificate signs in the users that it names, whatever its key is', async () => {
    for (const [name, ...kind] of [
      ['c-ed25519', ...ED25519],
      ['c-rsa', '-t', 'rsa', '-b', '3072'],
      ['c-ecdsa', '-t', 'ecdsa', '-b', '256'],
    ] as const) {
      const file = await certified(name, kind, '-n', 'admin', '-V', '-1m:+5m');
      const { code, stderr } = await lab.run(file, ['version']);
      assert.equal(code, 0, `${name}: ${stderr}`);
    }
  });

  test('a certificate is worth nothing for others, at other times, from elsewhere, or when it asks for more', async () => {
    const cases: readonly (readonly [name: string, ...options: readonly string[]])[] = [
      ['principal', '-n', 'somebody', '-V', '-1m:+5m'],
      ['no-principal', '-V', '-1m:+5m'],
      ['expired', '-n', 'admin', '-V', '-10m:-5m'],
      ['not-yet-valid', '-n', 'admin', '-V', '+10m:+20m'],
      ['source-address', '-n', 'admin', '-V', '-1m:+5m', '-O', 'source-address=192.0.2.0/24'],
      ['critical-option', '-n', 'admin', '-V', '-1m:+5m', '-O', 'critical:unknown@example.com=x'],
      ['revoked', '-n', 'admin', '-V', '-1m:+5m', '-z', '13'],
      ['not-for-users', '-h', '-n', 'admin', '-V', '-1m:+5m'],
    ];
    for (const [name, ...options] of cases) {
      const file = await certified(name, ED25519, ...options);
      assert.equal((await lab.run(file, ['version'])).code, 255, name);
    }
    const here = await certified('here', ED25519, '-n', 'admin', '-O', 'source-address=127.0.0.0/8,::1/128');
    assert.equal((await lab.run(here, ['version'])).code, 0);
  });

  test('a forced command runs instead of what is asked for, and without permit-pty there is no prompt', async () => {
    const file = await certified(
      'forced',
      ED25519,
      '-n',
      'admin',
      '-O',
      'clear',
      '-O',
      'force-command=show version',
    );
    const { code, stdout } = await lab.run(file, ['show', 'ports']);
    assert.equal(code, 0);
    assert.match(stdout, /^sallyport /);
    const plain = await certified('no-pty', ED25519, '-n', 'admin', '-O', 'clear');
    const terminal = await lab.run(plain, ['version'], ['-tt']);
    assert.match(terminal.stderr, /PTY allocation request failed/);
  });

  test('revoking a certificate or a key ends its sessions and refuses the next sign-in', async () => {
    const stolen = await certified('stolen', ED25519, '-n', 'admin', '-z', '77');
    for (const [file, mark] of [
      [stolen, 'serial:77'],
      [stolen, 'id:stolen'],
    ] as const) {
      const open = lab.open(file, '-tt');
      await open.waitFor(/You are admin/, 90_000);
      await gateway.ask('ssh', 'revocation', 'add', mark, '--reason', 'stolen');
      await open.waitFor(/this session ends: the key or certificate that began it was revoked/, 90_000);
      await open.exited;
      assert.equal((await lab.run(file, ['version'])).code, 255);
      await gateway.ask('ssh', 'revocation', 'remove', mark);
      assert.equal((await lab.run(file, ['version'])).code, 0, 'taken again');
    }
    const other = lab.open(key, '-tt');
    await other.waitFor(/You are admin/, 90_000);
    await gateway.ask(
      'ssh',
      'revocation',
      'add',
      ...(await readFile(`${stolen}.pub`, 'utf8')).trim().split(' '),
    );
    const listed = (await gateway.ask('ssh', 'revocation', 'list')) as { readonly mark: string }[];
    assert.match(listed[0]?.mark ?? '', /^SHA256:/);
    assert.equal((await lab.run(stolen, ['version'])).code, 255);
    assert.equal((await lab.run(key, ['version'])).code, 0, 'others are not touched');
    await other.stop();
  });

  test('a certificate of another authority is refused', async () => {
    const other = await lab.keygen('other_ca', '-t', 'ed25519');
    const file = await lab.keygen('foreign', '-t', 'ed25519');
    await runChild(scope, peerPath('ssh-keygen'), [
      '-q',
      '-s',
      other,
      '-I',
      'x',
      '-n',
      'admin',
      `${file}.pub`,
    ]);
    assert.equal((await lab.run(file, ['version'])).code, 255);
  });

  test('ssh-audit finds nothing to fail', { skip: missingPeer('ssh-audit') }, async () => {
    const { stdout } = await runChild(scope, peerPath('ssh-audit'), [
      '-n',
      '-p',
      String(lab.port),
      '127.0.0.1',
    ]);
    assert.match(stdout, /curve25519-sha256/);
    assert.doesNotMatch(stdout, /\[fail\]/);
  });

  test('paramiko runs commands; agent and X11 are refused', { skip: missingPeer(PARAMIKO) }, async () => {
    const script = join(lab.dir, 'client.py');
    await writeFile(script, PYTHON);
    const args = ['-W', 'ignore', script, String(lab.port), key, ADMIN_PASSWORD];
    const { code, stdout, stderr } = await runChild(scope, '/usr/bin/python3', args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^key 0 sallyport /m);
    assert.match(stdout, /^password 2 .*no meaning here/m);
    const counted = await gateway.metrics();
    assert.match(counted, /ssh_refused_total\{what="x11"\} [1-9]/);
    assert.match(counted, /ssh_refused_total\{what="agent"\} [1-9]/);
  });

  test('netmiko reads the prompt, and enables, as on a switch', { skip: missingPeer(NETMIKO) }, async () => {
    const script = join(lab.dir, 'switch.py');
    await writeFile(script, NETMIKO_SCRIPT);
    const args = ['-W', 'ignore', script, String(lab.port), ADMIN_PASSWORD];
    const { code, stdout, stderr } = await runChild(scope, '/usr/bin/python3', args, { timeoutMs: 120_000 });
    assert.equal(code, 0, stdout + stderr);
    for (const kind of ['cisco_ios', 'generic_termserver']) {
      assert.match(stdout, new RegExp(`^${kind} [\\w.-]+> sallyport \\d`, 'm'));
      assert.match(stdout, new RegExp(`^${kind} [\\w.-]+# True$`, 'm'));
    }
    assert.ok(!stdout.includes('\u001B'), 'a terminal without colors gets none');
  });

  test('Ansible drives it with raw', { skip: missingPeer('ansible') }, async () => {
    const inventory = join(lab.dir, 'inventory');
    await writeFile(inventory, `[gateway]\n127.0.0.1 ansible_port=${lab.port} ansible_user=admin\n`);
    const env = {
      ANSIBLE_HOME: join(lab.dir, 'ansible'),
      ANSIBLE_LOCAL_TEMP: join(lab.dir, 'ansible', 'tmp'),
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_SSH_ARGS: lab.options.join(' '),
      ANSIBLE_HOST_KEY_CHECKING: 'False',
    };
    const args = ['gateway', '-i', inventory, '--private-key', key, '-m', 'raw', '-a'];
    const good = await runChild(scope, peerPath('ansible'), [...args, 'show ports --json'], { env });
    assert.equal(good.code, 0, good.stdout + good.stderr);
    assert.match(good.stdout, /"door": "ssh"/);
    const bad = await runChild(scope, peerPath('ansible'), [...args, 'show nothing'], { env });
    assert.match(bad.stdout, /FAILED \| rc=2/);
  });

  test(
    'a person at the prompt: ?, Tab, enable, errors, pages, history',
    { skip: missingPeer('tmux') },
    async () => {
      const options = [...lab.options, '-i', key, '-o', 'IdentitiesOnly=yes', '-p', String(lab.port)];
      const terminal = await openTerminal(scope, [peerPath('ssh'), ...options, 'admin@127.0.0.1'], lab.dir);
      await terminal.shows(/You are admin \(admin\)[\s\S]*> $/);
      await terminal.type('show ?');
      await terminal.shows(/ports +Show the port table[\s\S]*> show $/);
      await terminal.type('por\t');
      await terminal.shows(/> show ports $/);
      await terminal.keys('C-u');
      await terminal.type('token revoke x\r');
      await terminal.shows(/belongs to the admin mode, and this is the view mode[\s\S]*type enable first/);
      await terminal.type('enable\rnot the password\r');
      await terminal.shows(/this is not the password/);
      await terminal.type(`enable\r${ADMIN_PASSWORD}\r`);
      await terminal.shows(/# $/);
      await terminal.type('user add zoe --role op\t\r');
      await terminal.shows(/New password: $/);
      await terminal.type('a long phrase of zoe\ra long phrase of zoe\r');
      await terminal.shows(/The user zoe may sign in as operator/);
      await terminal.type('user role z\t');
      await terminal.shows(/# user role zoe $/);
      await terminal.keys('C-c');
      await terminal.type('sh ver\r');
      await terminal.shows(/sallyport \d+\.\d+/);
      await terminal.type('reboot\r');
      await terminal.shows(/this is not the appliance[\s\S]*systemctl reboot/);
      await terminal.type('show metrics\r');
      await terminal.shows(/--More--$/);
      await terminal.type('q');
      await terminal.shows(/# $/);
      await terminal.type('clear-the-screen-of-errors\r\x0C');
      await terminal.keys('Up', 'Up');
      await terminal.shows(/# show metrics$/);
      await terminal.keys('C-c', 'C-r');
      await terminal.type('ver');
      await terminal.shows(/\(reverse-i-search\)'ver': sh ver$/);
      await terminal.keys('Escape');
      await terminal.shows(/# $/);
      await terminal.keys('C-r');
      await terminal.type('user a');
      await terminal.shows(/'user a': user add zoe --role operator$/);
      await terminal.keys('C-r', 'C-g', 'C-l');
      await terminal.paste('show host-keys\ntoken create --name pasted --scope read\n');
      await terminal.shows(/one more line was pasted[\s\S]*# show host-keys$/);
      await terminal.keys('Enter');
      await terminal.shows(/SHA256:[\s\S]*# token create --name pasted --scope read$/);
      await terminal.keys('C-c');
      assert.equal(JSON.stringify(await gateway.ask('token', 'list')).includes('pasted'), false);
      await terminal.type('exit\r');
      await terminal.shows(/> $/);
      const text = await terminal.text();
      assert.ok(!text.includes(ADMIN_PASSWORD));
      await terminal.type('exit\r');
      await terminal.ended;
    },
  );
});

const NETMIKO_SCRIPT = `
import sys
from netmiko import ConnectHandler
port, password = sys.argv[1:]
for kind in ('cisco_ios', 'generic_termserver'):
    gateway = ConnectHandler(device_type=kind, host='127.0.0.1', port=int(port), username='admin',
                             password=password, secret=password, timeout=60)
    print(kind, gateway.find_prompt(), gateway.send_command('show version'))
    gateway.send_command_timing('terminal length 0')
    gateway.send_command_timing('enable')
    gateway.send_command_timing(password)
    ports = gateway.send_command('show ports')
    print(kind, gateway.find_prompt(), '11344' in ports)
    gateway.disconnect()
`;

const PYTHON = `
import sys, paramiko
port, key, password = sys.argv[1:]
def connect(**how):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect('127.0.0.1', int(port), 'admin', look_for_keys=False, allow_agent=False, timeout=10, **how)
    return client
def run(name, client, command):
    _, out, error = client.exec_command(command)
    text = (out.read() + error.read()).decode().strip().replace('\\n', '|')
    print(name, out.channel.recv_exit_status(), text)
client = connect(key_filename=key)
run('key', client, 'version')
channel = client.get_transport().open_session()
try:
    channel.request_x11(auth_cookie='00', handler=lambda *a: None)
    sys.exit('x11 was granted')
except paramiko.SSHException:
    pass
channel = client.get_transport().open_session()
try:
    channel.request_forward_agent(lambda *a: None)
except paramiko.SSHException:
    pass
run('password', connect(password=password), 'version; id')
`;
