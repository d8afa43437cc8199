import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PORT_TABLE } from '../../kernel/index.ts';
import { FIREWALL_FORMATS, firewallPlan, firewallText } from './index.ts';
import type { FirewallFormat, FirewallPlan, PlanInput } from './index.ts';

const INPUT: PlanInput = {
  direction: 'both',
  internal: ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '10.1.0.0/16', '10.0.0.0/8', 'fc00::/7'],
  inbound: PORT_TABLE.filter((row) => ['https', 'forwardProxy'].includes(row.key)).map((row) => ({
    row,
    listenPort: row.port + 20_000,
  })),
  machinePorts: [22],
  resolvers: ['192.0.2.53', '[2001:db8::53]:5353'],
  parents: [{ host: 'proxy.corp.test', port: 3128 }],
  relayedPorts: [80, 443],
};

const plan = firewallPlan(INPUT);

/** The program reads what we write. `unshare` gives it a network of its own, without rights on the machine's. */
function read(
  program: string,
  args: readonly string[],
  text: string,
): { status: number | null; output: string } {
  const ran = spawnSync('unshare', ['-Urn', program, ...args], {
    input: text,
    encoding: 'utf8',
    env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, TF_CLI_CONFIG_FILE: '/dev/null' },
  });
  return { status: ran.status, output: `${ran.stderr}${ran.stdout}` };
}

function missing(program: string): string | false {
  return read('sh', ['-c', `command -v ${program}`], '').status === 0
    ? false
    : `${program} does not run here`;
}

const variants: readonly FirewallPlan[] = [
  plan,
  ...(['in', 'out'] as const).map((direction) => firewallPlan({ ...INPUT, direction })),
  firewallPlan({ ...INPUT, internal: ['192.168.0.0/16'], resolvers: [] }),
  firewallPlan({
    ...INPUT,
    internal: ['fd00::/8'],
    resolvers: [],
    parents: [{ host: '192.0.2.1', port: 8080 }],
  }),
  firewallPlan({
    ...INPUT,
    inbound: PORT_TABLE.map((row) => ({ row, listenPort: row.port })),
    parents: [{ host: 'a"; drop all #\n$(x)`y`\'', port: 1 }],
  }),
];

for (const format of FIREWALL_FORMATS) {
  test(`${format}: exactly these rules`, () => {
    const golden = readFileSync(new URL(`golden/${format}.txt`, import.meta.url), 'utf8');
    assert.equal(firewallText(format, plan), golden);
  });
}

function checkedBy(format: FirewallFormat, program: string, args: readonly string[]): void {
  test(`${format}: ${program} accepts every variant`, { skip: missing(program) }, () => {
    for (const each of variants) {
      const text = firewallText(format, each);
      const { status, output } = read(program, args, text);
      assert.equal(status, 0, `${output}\n${text}`);
    }
  });
}

checkedBy('nftables', 'nft', ['-c', '-f', '-']);
checkedBy('iptables', 'iptables-restore', ['--test']);
checkedBy('iptables', 'ip6tables-restore', ['--test']);
checkedBy('terraform-aws', 'terraform', ['fmt', '-check', '-']);
checkedBy('ufw', 'sh', ['-n']);
checkedBy('firewalld', 'sh', ['-n']);

test(
  'nft refuses a ruleset that is wrong, so its agreement means something',
  { skip: missing('nft') },
  () => {
    const wrong = firewallText('nftables', plan).replace('@internal6', '@internal7');
    assert.equal(read('nft', ['-c', '-f', '-'], wrong).status, 1);
  },
);

test('networks are split by family, loopback and what another one contains left out', () => {
  assert.deepEqual([plan.internal4, plan.internal6], [['10.0.0.0/8'], ['fc00::/7']]);
});

test('the direction leaves the other one out', () => {
  const [only, other] = [
    firewallPlan({ ...INPUT, direction: 'in' }),
    firewallPlan({ ...INPUT, direction: 'out' }),
  ];
  assert.deepEqual([only.outbound, other.inbound], [[], []]);
  assert.deepEqual(
    only.inbound.map((rule) => [rule.door, rule.port]),
    [
      ['api', 20_443],
      ['forward-proxy', 28_080],
      ['machine', 22],
    ],
  );
});

test('without any setting 443 is the only port on the outside, and DNS stays on the internal networks', () => {
  const bare = firewallPlan({ ...INPUT, machinePorts: [], resolvers: [], parents: [], relayedPorts: [] });
  assert.deepEqual(
    bare.outbound.map(({ transport, port, to4, to6 }) => [transport, port, ...to4, ...to6]),
    [
      ['tcp', 443],
      ['udp', 53, '10.0.0.0/8', 'fc00::/7'],
      ['tcp', 53, '10.0.0.0/8', 'fc00::/7'],
    ],
  );
});

test('names and ports of the Azure template are within its bounds', () => {
  const template = JSON.parse(firewallText('azure-nsg', variants.at(-1)!));
  const rules: { name: string; properties: Record<string, unknown> }[] =
    template.resources[0].properties.securityRules;
  const priorities = rules.map(({ properties }) =>
    [properties['direction'], properties['priority']].map(String).join(' '),
  );
  assert.equal(new Set(priorities).size, rules.length, 'a priority is used once in a direction');
  assert.equal(new Set(rules.map((rule) => rule.name)).size, rules.length);
  for (const { name, properties } of rules) {
    assert.match(name, /^[A-Za-z0-9][\w.-]{0,78}\w$/);
    assert.ok(String(properties['description']).length <= 140);
    const prefixes = properties['sourceAddressPrefixes'] ?? [];
    assert.ok(Array.isArray(prefixes));
    assert.ok(new Set(prefixes.map((each) => String(each).includes(':'))).size <= 1, 'one family in a rule');
  }
});

test('no text of the configuration leaves its quotes', () => {
  // JSON has an escape for everything.
  for (const format of FIREWALL_FORMATS.filter((each) => each !== 'json')) {
    const text = firewallText(format, variants.at(-1)!);
    assert.ok(!text.includes('$(x)') && !text.includes('`y`') && !text.includes('drop all #'), format);
  }
});
