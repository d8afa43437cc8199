/** Hardware keys and revocation lists: OpenSSH's programs agree with what is made of them here. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fingerprint, parseKeyLine, string, uint32 } from '../../src/protocols/ssh-keys/index.ts';
import { apiOf } from '../support/api-client.ts';
import { runChild } from '../support/child.ts';
import { startGateway, type Gateway } from '../support/gateway.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { openScope } from '../support/scope.ts';
import { makeToken, startAgent, TOUCHED, VERIFIED, type SshToken } from '../support/ssh-token.ts';
import { sshLab, type SshLab } from '../support/ssh.ts';

describe('SSH keys', { skip: missingPeer('ssh', 'ssh-keygen') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let lab: SshLab;
  let first: string;
  let second: string;

  before(async () => {
    const maker = await startGateway(scope);
    lab = await sshLab(scope, maker);
    first = await lab.keygen('first_ca', '-t', 'ed25519');
    second = await lab.keygen('second_ca', '-t', 'ed25519');
    await maker.child.stop();
    const authorities = await Promise.all([first, second].map(publicLine));
    gateway = await startGateway(scope, { dataDir: maker.dataDir, config: { ssh: { authorities } } });
    lab = { ...(await sshLab(scope, gateway)), keygen: lab.keygen };
  });
  after(() => scope.close());

  async function keygen(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runChild(scope, peerPath('ssh-keygen'), args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  /** A key with a certificate of that authority, which OpenSSH shows by itself. */
  async function certified(name: string, authority: string, serial: string): Promise<string> {
    const file = await lab.keygen(name, '-t', 'ed25519');
    await keygen('-q', '-s', authority, '-I', name, '-n', 'admin', '-z', serial, `${file}.pub`);
    return file;
  }

  async function marks(): Promise<readonly string[]> {
    const rows = (await gateway.ask('ssh', 'revocation', 'list')) as readonly { readonly mark: string }[];
    return rows.map(({ mark }) => mark);
  }

  const version = async (file: string): Promise<number | null> => (await lab.run(file, ['version'])).code;

  test('a serial is revoked for the authority that gave it; where there are several, somebody says which', async () => {
    const ours = await certified('ours', first, '42');
    const theirs = await certified('theirs', second, '42');
    assert.deepEqual([await version(ours), await version(theirs)], [0, 0]);
    const refused = await gateway.command('ssh', 'revocation', 'add', 'serial:42');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /there are several[\s\S]*--authority/);
    const signer = await markOfKey(first);
    await gateway.ask('ssh', 'revocation', 'add', 'serial:42', '--authority', signer);
    assert.deepEqual(await marks(), [`${signer}/serial:42`]);
    assert.deepEqual([await version(ours), await version(theirs)], [255, 0]);
    await gateway.ask('ssh', 'revocation', 'remove', 'serial:42');
    await gateway.ask('ssh', 'revocation', 'add', 'serial:42', '--authority', 'all');
    assert.deepEqual([await version(ours), await version(theirs)], [255, 255]);
    await gateway.ask('ssh', 'revocation', 'remove', 'serial:42');
    assert.equal(await version(ours), 0);
  });

  test('a list of ssh-keygen ends the sessions that it names, and what it does not name goes on', async () => {
    const inside = await certified('inside', first, '70');
    const outside = await certified('outside', first, '90');
    const other = await certified('other', second, '70');
    const spec = join(lab.dir, 'spec');
    await writeFile(spec, 'serial: 50-80\nserial: 100\nserial: 102\nserial: 104\nid: nobody\n');
    const file = join(lab.dir, 'revoked.krl');
    await keygen('-k', '-f', file, '-z', '3', '-s', `${first}.pub`, spec);
    const open = lab.open(inside, '-tt');
    await open.waitFor(/You are admin/, 90_000);
    const done = (await gateway.ask('ssh', 'revocation', 'import', file)) as Record<string, unknown>;
    assert.equal(done['version'], '3');
    await open.waitFor(/this session ends: the key or certificate that began it was revoked/, 90_000);
    await open.exited;
    for (const [each, name] of [
      [inside, 'inside'],
      [outside, 'outside'],
      [other, 'other'],
    ] as const) {
      // -Q: exit 1 when the list revokes it.
      const asked = await runChild(scope, peerPath('ssh-keygen'), ['-Q', '-f', file, `${each}-cert.pub`]);
      assert.equal(await version(each), asked.code === 0 ? 0 : 255, name);
    }
    const signer = await markOfKey(first);
    assert.ok((await marks()).includes(`${signer}/serial:50-80`));
    const again = (await gateway.ask('ssh', 'revocation', 'import', file)) as Record<string, unknown>;
    assert.deepEqual(again['added'], []);
    const { token } = (await gateway.ask('token', 'create', '--name', 'lists', '--scope', 'admin')) as {
      readonly token: string;
    };
    const ask = apiOf(scope, gateway, { Authorization: `Bearer ${token}` });
    await gateway.ask('ssh', 'revocation', 'remove', 'id:nobody');
    const krl = (await readFile(file)).toString('base64');
    const answer = await ask('POST /api/v1/ssh/revocations/krl', { body: { krl } });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual((answer.document as { readonly added: unknown }).added, [`${signer}/id:nobody`]);
    await writeFile(file, 'no list at all');
    const refused = await gateway.command('ssh', 'revocation', 'import', file);
    assert.match(refused.stderr, /no revocation list of OpenSSH that can be used: it does not begin as one/);
  });

  test('a token in software signs what ssh-keygen takes for the signature of a hardware key', async () => {
    for (const kind of ['ed25519', 'ecdsa'] as const) {
      const token = makeToken(kind);
      const signers = join(lab.dir, `signers-${kind}`);
      await writeFile(signers, `admin ${token.line}\n`);
      const signature = join(lab.dir, `${kind}.sig`);
      await writeFile(signature, signedFile(token, Buffer.from('hello')));
      const args = ['-Y', 'verify', '-f', signers, '-I', 'admin', '-n', 'file', '-s', signature];
      const { code, stdout, stderr } = await runChild(scope, peerPath('ssh-keygen'), args, {
        input: 'hello',
      });
      assert.equal(code, 0, stdout + stderr);
    }
  });

  test('OpenSSH signs in with a hardware key that somebody touched; a certificate may ask for a PIN', async () => {
    for (const kind of ['ed25519', 'ecdsa'] as const) {
      const token = makeToken(kind);
      const shown: { flags: number; blob?: Buffer } = { flags: TOUCHED };
      const socket = join(lab.dir, `agent-${kind}`);
      await startAgent(scope, socket, token, shown);
      // The first value of an option counts.
      const args = ['-o', `IdentityAgent=${socket}`, '-o', 'BatchMode=yes', ...lab.options];
      const where = ['-p', String(lab.port), 'admin@127.0.0.1', 'version'];
      const withAgent = async (): Promise<number | null> =>
        (await runChild(scope, peerPath('ssh'), [...args, ...where], { timeoutMs: 30_000 })).code;
      assert.equal(await withAgent(), 255, 'nobody knows it');
      await gateway.ask('user', 'key', 'add', 'admin', ...token.line.split(' '));
      assert.equal(await withAgent(), 0, kind);
      shown.flags = 0;
      assert.equal(await withAgent(), 255, 'nobody touched it');
      await gateway.ask('user', 'key', 'remove', 'admin', fingerprint(token.blob));

      const file = join(lab.dir, `sk-${kind}.pub`);
      await writeFile(file, `${token.line}\n`);
      await keygen('-q', '-s', first, '-I', kind, '-n', 'admin', '-O', 'verify-required', file);
      const [, blob = ''] = (await readFile(file.replace('.pub', '-cert.pub'), 'utf8')).split(' ');
      shown.blob = Buffer.from(blob, 'base64');
      shown.flags = TOUCHED;
      assert.equal(await withAgent(), 255, 'no PIN');
      shown.flags = TOUCHED | VERIFIED;
      assert.equal(await withAgent(), 0, `${kind}, with a PIN`);
    }
  });

  async function publicLine(file: string): Promise<string> {
    return (await readFile(`${file}.pub`, 'utf8')).trim();
  }

  async function markOfKey(file: string): Promise<string> {
    return fingerprint(parseKeyLine(await publicLine(file))!.key.blob);
  }
});

/** PROTOCOL.sshsig: what `ssh-keygen -Y sign -n file` writes. */
function signedFile(token: SshToken, message: Buffer): string {
  const magic = Buffer.from('SSHSIG');
  const about = Buffer.concat([string('file'), string(''), string('sha512')]);
  const hash = createHash('sha512').update(message).digest();
  const signature = token.sign(Buffer.concat([magic, about, string(hash)]));
  const whole = Buffer.concat([magic, uint32(1), string(token.blob), about, string(signature)]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}
