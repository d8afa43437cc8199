import type { Config } from '../../engines/config/index.ts';
import { defineCommand, defineErrors, listOption, PORT_TABLE, textOption } from '../../kernel/index.ts';
import type { DoorName, Input } from '../../kernel/index.ts';
import {
  FIREWALL_FORMATS,
  firewallDocument,
  firewallPlan,
  firewallText,
} from '../../protocols/firewall/index.ts';
import type { Direction, FirewallPlan } from '../../protocols/firewall/index.ts';
import type { Gateway } from '../control/gateway.ts';
import { BUILT_DOORS } from '../doors.ts';

export const firewallErrors = defineErrors({
  FIREWALL_PORT: {
    kind: 'config',
    message: '"{port}" is no port',
    hint: 'write a number from 1 to 65535',
  },
});

/** Plain HTTP, which the forward proxy reaches for its clients beside the ports of CONNECT. */
const HTTP_PORT = 80;

export const firewallCommand = defineCommand<{ readonly gateway: Pick<Gateway, 'config'> }>({
  words: 'firewall export',
  summary: 'Print firewall rules made from the port table and the configuration',
  positionals: [],
  options: {
    format: {
      help: 'Language of the rules',
      value: 'FORMAT',
      choices: FIREWALL_FORMATS,
      default: 'nftables',
    },
    direction: { help: 'Which way', value: 'WAY', choices: ['in', 'out', 'both'], default: 'both' },
    all: { help: 'Every row of the port table, planned and disabled ones too' },
    relayed: {
      help: 'Let out what the proxy doors reach for their clients: 80 and forwardProxy.connectPorts',
    },
    'machine-port': {
      help: 'Another port of the machine that stays reachable from the internal networks, such as its own SSH',
      value: 'PORT',
      repeat: true,
    },
  },
  role: 'read',
  where: 'either',
  examples: [
    'firewall export --format nftables --machine-port 22',
    'firewall export --format terraform-aws --direction in',
  ],
  run: ({ gateway }, input) => {
    const plan = planOf(gateway.config, input);
    // The choices of the option are the formats.
    const format = FIREWALL_FORMATS.find((each) => each === textOption(input, 'format')) ?? 'nftables';
    const text = firewallText(format, plan);
    return Promise.resolve({
      document: { format, ...firewallDocument(plan), text },
      view: [{ kind: 'text', text }],
    });
  },
});

function planOf(config: Config, input: Input): FirewallPlan {
  const all = input.options['all'] === true;
  const rows = PORT_TABLE.filter((row) => all || isOpen(config, row.door, row.key));
  return firewallPlan({
    direction: directionOf(input),
    internal: config.networks.internal,
    inbound: rows
      // A listener on port 0 takes any free one: no rule can name it.
      .filter((row) => config.listeners[row.key].port > 0)
      .map((row) => ({ row, listenPort: config.listeners[row.key].port + config.portOffset })),
    machinePorts: listOption(input, 'machine-port').map(portOf),
    resolvers: config.egress.resolvers,
    parents: config.egress.parents,
    relayedPorts: input.options['relayed'] === true ? [HTTP_PORT, ...config.forwardProxy.connectPorts] : [],
  });
}

function isOpen(config: Config, door: DoorName, key: keyof Config['listeners']): boolean {
  return BUILT_DOORS.includes(door) && config.listeners[key].enabled;
}

function directionOf(input: Input): Direction {
  const text = textOption(input, 'direction');
  return text === 'in' || text === 'out' ? text : 'both';
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port > 0 && port < 65_536) return port;
  throw firewallErrors.FIREWALL_PORT({ port: text });
}
