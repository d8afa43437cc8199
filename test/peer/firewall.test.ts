import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { PORT_TABLE } from '../../src/kernel/index.ts';
import { firewallPlan, firewallText } from '../../src/protocols/firewall/index.ts';
import { missingPeer } from '../support/peers.ts';

const GATEWAY_V4 = '10.77.1.1';
const GATEWAY_V6 = '[fd77:1::1]';
const OUTSIDE = '198.51.100.2';

const rules = firewallText(
  'nftables',
  firewallPlan({
    direction: 'both',
    internal: ['127.0.0.0/8', '::1/128', '10.0.0.0/8', 'fc00::/7', 'fe80::/10'],
    inbound: PORT_TABLE.map((row) => ({ row, listenPort: row.port })),
    machinePorts: [],
    resolvers: [],
    parents: [],
    relayedPorts: [],
  }),
);

/** Where a connection starts, and where it goes. */
interface Probe {
  readonly from: 'internal' | 'outside' | 'gateway';
  readonly url: string;
  readonly open: boolean;
}

const PROBES: readonly Probe[] = [
  { from: 'internal', url: `http://${GATEWAY_V4}:8080/`, open: true },
  { from: 'internal', url: `http://${GATEWAY_V6}:8080/`, open: true },
  { from: 'internal', url: `http://${GATEWAY_V4}:9999/`, open: false },
  { from: 'internal', url: `http://${GATEWAY_V6}:9999/`, open: false },
  { from: 'outside', url: 'http://198.51.100.1:8080/', open: false },
  { from: 'gateway', url: `http://${OUTSIDE}:443/`, open: true },
  { from: 'gateway', url: `http://${OUTSIDE}:80/`, open: false },
  { from: 'gateway', url: 'http://127.0.0.1:9999/', open: true },
];

/**
 * Three hosts in network namespaces of a user namespace, so that neither root nor the machine's own network is
 * needed: an internal client, the gateway with the rules loaded, and the outside.
 */
const SCRIPT = `
set -eu
mount -t tmpfs tmpfs /run
mkdir /run/netns
for host in internal outside; do ip netns add $host; done
link() {
  ip link add $1 type veth peer name eth0 netns $1
  ip addr add $2 dev $1
  ip link set $1 up
  ip -n $1 addr add $3 dev eth0
  ip -n $1 link set eth0 up
  ip -n $1 link set lo up
}
ip link set lo up
link internal 10.77.1.1/24 10.77.1.2/24
link outside 198.51.100.1/24 198.51.100.2/24
ip addr add fd77:1::1/64 dev internal nodad
ip -n internal addr add fd77:1::2/64 dev eth0 nodad
printf '%s' "$RULES" | nft -f -
printf '%s' "$RULES" | nft -f -
server='for (const port of process.argv.slice(1)) require("node:http").createServer((_, answer) => answer.end("ok")).listen(+port, "::", () => console.error("up"))'
"$NODE" -e "$server" 8080 9999 2>/run/up1 & first=$!
nsenter --net=/run/netns/outside "$NODE" -e "$server" 80 443 2>/run/up2 & second=$!
trap 'kill $first $second' EXIT
for file in up1 up2; do until [ "$(grep -c up /run/$file)" = 2 ]; do sleep 0.05; done; done
printf '%s' "$PROBES" | while read -r from url seconds; do
  enter="nsenter --net=/run/netns/$from"
  [ "$from" = gateway ] && enter=
  if [ "$($enter curl -sS -m $seconds --noproxy '*' "$url" 2>/dev/null)" = ok ]; then echo open; else echo closed; fi
done
`;

function namespaces(): string | false {
  const missing = missingPeer('nft', 'ip', 'curl');
  if (missing !== false) return missing;
  const ran = spawnSync('unshare', ['-Urnm', 'true']);
  return ran.status === 0 ? false : 'this machine allows no user namespaces';
}

test('the exported rules let through what they promise and nothing else', { skip: namespaces() }, () => {
  const ran = spawnSync('unshare', ['-Urnm', 'bash', '-c', SCRIPT], {
    encoding: 'utf8',
    timeout: 150_000,
    env: {
      PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
      NODE: process.execPath,
      RULES: rules,
      PROBES: PROBES.map(({ from, url, open }) => `${from} ${url} ${open ? 30 : 2}\n`).join(''),
    },
  });
  assert.equal(ran.status, 0, ran.stderr);
  const seen = ran.stdout.trim().split('\n');
  assert.deepEqual(
    PROBES.map(({ from, url }, at) => `${from} ${url} ${seen[at]}`),
    PROBES.map(({ from, url, open }) => `${from} ${url} ${open ? 'open' : 'closed'}`),
  );
});
