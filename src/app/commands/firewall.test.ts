import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../engines/config/index.ts';
import type { Input } from '../../kernel/index.ts';
import { PORT_TABLE } from '../../kernel/index.ts';
import { BUILT_DOORS } from '../doors.ts';
import { firewallCommand } from './firewall.ts';

const config = loadConfig({
  file: undefined,
  flags: { portOffset: '20000', dataDir: '/nowhere' },
  environment: {},
  checkout: undefined,
  cores: 1,
});

async function exported(
  options: Input['options'],
): Promise<{ text: string; inbound: { port: number }[]; outbound: { port: number }[] }> {
  const io = { actor: 'local', progress: () => undefined };
  const input = { words: {}, rest: [], options: { format: 'json', direction: 'both', ...options } };
  const result = await firewallCommand.run({ gateway: { config } }, input, io);
  const document = result.document as { text: string };
  return { text: document.text, ...JSON.parse(options['format'] === undefined ? document.text : '{}') };
}

test('only what is open is let in, on the ports that listen', async () => {
  const { inbound } = await exported({});
  const open = PORT_TABLE.filter((row) => BUILT_DOORS.includes(row.door)).map((row) => row.port + 20_000);
  assert.deepEqual(
    inbound.map((rule) => rule.port),
    open,
  );
  const all = await exported({ all: true });
  assert.equal(all.inbound.length, PORT_TABLE.length);
});

test('ports of the machine and of clients are let through only when they are asked for', async () => {
  const asked = await exported({ 'machine-port': ['22'], relayed: true });
  assert.ok(asked.inbound.some((rule) => rule.port === 22));
  assert.ok(asked.outbound.some((rule) => rule.port === 80));
  const plain = await exported({});
  assert.ok(!plain.inbound.some((rule) => rule.port === 22));
  assert.deepEqual(
    plain.outbound.map((rule) => rule.port),
    [443, 53, 53],
  );
});

test('the format is the one that was asked for', async () => {
  assert.match((await exported({ format: 'nftables' })).text, /^#!\/usr\/sbin\/nft -f\n/);
  assert.match((await exported({ format: 'ufw' })).text, /^#!\/bin\/sh\n/);
});

test('a port that is none is refused with the text that was given', async () => {
  for (const port of ['0', '65536', 'ssh', '1e3', '-1']) {
    const refusal = { code: 'FIREWALL_PORT', message: `"${port}" is no port` };
    await assert.rejects(async () => exported({ 'machine-port': [port] }), refusal);
  }
});
