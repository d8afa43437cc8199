/** Internal networks only: a source with a public address gets nothing on any port, an internal one is served. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { runChild } from '../support/child.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { missingPeer } from '../support/peers.ts';
import { openScope } from '../support/scope.ts';

/** RFC 5737: an address for documentation, public by its range. */
const OUTSIDE = { gateway: '198.51.100.1', client: '198.51.100.2' };
const INSIDE = { gateway: '10.77.1.1', client: '10.77.1.2' };

const names = { gateway: `sp${process.pid}g`, inside: `sp${process.pid}i`, outside: `sp${process.pid}o` };
const skip = process.getuid?.() === 0 ? missingPeer('ip') : 'network namespaces need root';

describe('sources', { skip }, () => {
  const scope = openScope();
  let gateway: Gateway;

  before(async () => {
    for (const name of Object.values(names)) {
      await ip('netns', 'add', name);
      scope.after(() => ip('netns', 'del', name));
      await ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    await join('in', names.inside, INSIDE);
    await join('out', names.outside, OUTSIDE);
    gateway = await startGateway(scope, { namespace: names.gateway, bind: undefined });
  });
  after(() => scope.close());

  test('an internal source is served', async () => {
    const { stdout } = await ask(names.inside, `http://${INSIDE.gateway}:${gateway.ports.http}/healthz`);
    assert.match(stdout, /^HTTP\/1\.1 200 /);
  });

  test('a public source gets nothing on any port', async () => {
    const ports = Object.entries(gateway.ports);
    assert.ok(ports.length >= 5, `only ${ports.length} ports are open`);
    for (const [key, port] of ports) {
      const scheme = ['https', 'webReputationTls'].includes(key) ? 'https' : 'http';
      const { code, stdout } = await ask(names.outside, `${scheme}://${OUTSIDE.gateway}:${port}/healthz`);
      assert.equal(stdout, '', `${key} answered`);
      // curl: 7 refused, 35 reset in the handshake, 52 nothing came, 56 reset.
      assert.ok([7, 35, 52, 56].includes(code ?? 0), `${key}: curl ended with ${code}`);
    }
  });

  test('what was refused is counted', async () => {
    const { stdout } = await runIn(names.gateway, 'curl', [
      '-sk',
      `http://127.0.0.1:${gateway.ports.http}/healthz`,
    ]);
    assert.match(stdout, /./);
    const document = JSON.stringify(await gateway.ask('show', 'metrics', 'connections'));
    assert.match(document, /refused|rejected/, document);
  });

  async function join(name: string, peer: string, addresses: typeof INSIDE): Promise<void> {
    await ip('-n', names.gateway, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', peer);
    await ip('-n', names.gateway, 'addr', 'add', `${addresses.gateway}/24`, 'dev', name);
    await ip('-n', peer, 'addr', 'add', `${addresses.client}/24`, 'dev', 'eth0');
    await ip('-n', names.gateway, 'link', 'set', name, 'up');
    await ip('-n', peer, 'link', 'set', 'eth0', 'up');
  }

  async function ask(namespace: string, url: string) {
    return runIn(namespace, 'curl', ['-sik', '--max-time', '30', url]);
  }

  async function runIn(namespace: string, command: string, args: readonly string[]) {
    return runChild(openScope(), command, args, { namespace, timeoutMs: 60_000 });
  }

  async function ip(...args: readonly string[]): Promise<void> {
    const result = await runChild(openScope(), 'ip', args);
    if (result.code !== 0) throw new Error(`ip ${args.join(' ')}: ${result.stderr}`);
  }
});
