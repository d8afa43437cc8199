import { isIP } from 'node:net';
import {
  defineCommand,
  EXIT,
  isHostName,
  parseNetwork,
  PORT_KEYS,
  textOption,
  type Command,
  type Result,
} from '../../kernel/index.ts';
import type { Gateway } from '../control/gateway.ts';
import { appErrors } from '../errors.ts';
import type { Machine } from './machine.io.ts';
import { dnsPlan, endpointPlan, networkPlan, ntpPlan, powerPlan, routePlan, type Plan } from './plan.ts';

interface Engines {
  readonly machine: Machine;
  readonly gateway: Gateway;
}

const common = { options: {}, role: 'admin', where: 'running' } as const;
const SERVERS_MAX = 5;

async function done(machine: Machine, plan: Plan): Promise<Result> {
  await machine.carryOut(plan);
  return { document: { changed: plan.what }, view: [{ kind: 'text', text: `Changed: ${plan.what}.` }] };
}

export const applianceCommands: readonly Command<Engines>[] = [
  defineCommand<Engines>({
    ...common,
    words: 'configure endpoint',
    summary: 'Set the name of the machine',
    positionals: [{ name: 'name', help: 'Fully qualified, such as gw1.example.com' }],
    examples: ['configure endpoint gw1.example.com'],
    run: async ({ machine }, { words }) => done(machine, endpointPlan(host(words['name']))),
  }),
  defineCommand<Engines>({
    ...common,
    words: 'configure ntp',
    summary: 'Set the time servers of the machine',
    positionals: [{ name: 'server', help: 'Name or address; up to five', rest: true }],
    examples: ['configure ntp ntp1.example.com ntp2.example.com'],
    run: async ({ machine }, { rest }) => done(machine, ntpPlan(servers(rest, host))),
  }),
  defineCommand<Engines>({
    ...common,
    words: 'configure dns',
    summary: 'Set the name servers of the machine',
    positionals: [{ name: 'server', help: 'Address; up to five', rest: true }],
    examples: ['configure dns 192.0.2.53 2001:db8::53'],
    run: async ({ machine }, { rest }) => done(machine, dnsPlan(servers(rest, address))),
  }),
  defineCommand<Engines>({
    ...common,
    words: 'configure network',
    summary: 'Set the address of an interface of the machine',
    positionals: [
      { name: 'interface', help: 'As `ip link` calls it' },
      { name: 'address', help: 'With its prefix, such as 192.0.2.10/24; or dhcp' },
      { name: 'gateway', help: 'Address of the router', optional: true },
    ],
    examples: ['configure network eth0 192.0.2.10/24 192.0.2.1', 'configure network eth1 dhcp'],
    run: async ({ machine }, { words }) => {
      const { interface: link, address: own = '', gateway } = words;
      const where = gateway === undefined ? undefined : address(gateway);
      return done(
        machine,
        networkPlan(linkName(link), own === 'dhcp' ? own : { cidr: cidr(own), gateway: where }),
      );
    },
  }),
  defineCommand<Engines>({
    ...common,
    words: 'configure route',
    summary: 'Add or remove a route of the machine',
    positionals: [
      { name: 'verb', help: 'What to do', choices: ['add', 'remove'] },
      { name: 'interface', help: 'As `ip link` calls it' },
      { name: 'network', help: 'Destination, such as 10.20.0.0/16' },
      { name: 'gateway', help: 'Address of the router' },
    ],
    examples: ['configure route add eth0 10.20.0.0/16 192.0.2.254'],
    run: async ({ machine }, { words }) => {
      const verb = words['verb'] === 'remove' ? 'remove' : 'add';
      const plan = routePlan(
        verb,
        linkName(words['interface']),
        cidr(words['network']),
        address(words['gateway']),
      );
      return done(machine, plan);
    },
  }),
  defineCommand<Engines>({
    ...common,
    words: 'configure port',
    summary: 'Open or close a listener of the gateway',
    positionals: [
      { name: 'verb', help: 'What to do', choices: ['enable', 'disable'] },
      { name: 'listener', help: 'Which one', choices: PORT_KEYS },
    ],
    examples: ['configure port disable icap'],
    run: ({ machine, gateway }, { words }) => {
      const key = `listeners.${words['listener']}.enabled`;
      return setting(machine, gateway, [[key, words['verb'] === 'enable']]);
    },
  }),
  defineCommand<Engines>({
    ...common,
    words: 'configure proxy',
    summary: 'Send what the gateway fetches and forwards through another proxy, or through none',
    positionals: [{ name: 'proxy', help: 'host:port, or none' }],
    examples: ['configure proxy proxy.example.com:3128', 'configure proxy none'],
    run: ({ machine, gateway }, { words }) => {
      const text = words['proxy'] ?? '';
      const match = /^(.+):(\d{1,5})$/.exec(text);
      const parents = text === 'none' ? [] : [{ host: host(match?.[1]), port: Number(match?.[2]) }];
      return setting(machine, gateway, [['egress.parents', parents]]);
    },
  }),
  powerCommand('reboot', 'Restart the machine', 'reboot'),
  powerCommand('shutdown', 'Switch the machine off', 'poweroff'),
  defineCommand<Engines>({
    words: 'ping',
    summary: 'Ask another machine for a sign of life',
    positionals: [{ name: 'address', help: 'Name or address' }],
    options: { count: { help: 'How often', value: 'N', default: '4' } },
    role: 'read',
    where: 'running',
    examples: ['ping 192.0.2.1'],
    run: async ({ machine }, input) => {
      const to = host(input.words['address']);
      const count = textOption(input, 'count') ?? '4';
      if (!/^([1-9]|[1-4]\d|50)$/.test(count))
        throw appErrors.MACHINE_VALUE({ value: count, what: 'count from 1 to 50' });
      const { text, code } = await machine.look('ping', ['-n', '-c', count, '-W', '2', '--', to]);
      return {
        document: { address: to, answered: code === 0, output: text.trim().split('\n') },
        view: [{ kind: 'text', text }],
        ...(code === 0 ? {} : { exit: EXIT.failed }),
      };
    },
  }),
];

function powerCommand(words: string, summary: string, verb: 'reboot' | 'poweroff'): Command<Engines> {
  return defineCommand<Engines>({
    ...common,
    words,
    summary,
    positionals: [],
    options: { yes: { help: 'Do it; without it nothing happens' } },
    examples: [`${words} --yes`],
    run: async ({ machine }, { options }) => {
      if (machine.isAppliance && options['yes'] !== true) throw appErrors.MACHINE_NOT_SURE({ words });
      return done(machine, powerPlan(verb));
    },
  });
}

/** Keys of the gateway's own file. */
async function setting(
  machine: Machine,
  gateway: Gateway,
  changes: readonly (readonly [key: string, value: unknown])[],
): Promise<Result> {
  const { file } = gateway.config;
  if (!machine.isAppliance || file === undefined) {
    throw appErrors.NOT_THE_APPLIANCE_FILE({
      keys: changes.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(', '),
      file: file ?? 'sallyport.yaml, which is named with --config at the start',
    });
  }
  const { settingsWith } = await import('./settings-file.io.ts');
  const plan = settingsWith(file, changes);
  await machine.carryOut(plan.change);
  try {
    await gateway.reload();
  } catch (error) {
    await machine.carryOut(plan.undo);
    throw error;
  }
  return {
    document: { changed: changes.map(([key]) => key) },
    view: [{ kind: 'text', text: `Set ${changes.map(([key]) => key).join(', ')} in ${file}.` }],
  };
}

function host(text: string | undefined): string {
  if (text !== undefined && (isIP(text) !== 0 || isHostName(text))) return text;
  throw appErrors.MACHINE_VALUE({ value: text, what: 'name or address' });
}

function address(text: string | undefined): string {
  if (text !== undefined && isIP(text) !== 0) return text;
  throw appErrors.MACHINE_VALUE({ value: text, what: 'IP address' });
}

function cidr(text: string | undefined): string {
  if (text?.includes('/') === true && parseNetwork(text) !== undefined) return text;
  throw appErrors.MACHINE_VALUE({ value: text, what: 'address with a prefix, such as 192.0.2.0/24' });
}

/** IFNAMSIZ: 15 characters; only those that the kernel and a file name take. */
function linkName(text: string | undefined): string {
  if (text !== undefined && /^[A-Za-z0-9][\w.-]{0,14}$/.test(text)) return text;
  throw appErrors.MACHINE_VALUE({ value: text, what: 'name of an interface' });
}

function servers(texts: readonly string[], check: (text: string) => string): readonly string[] {
  if (texts.length > SERVERS_MAX)
    throw appErrors.MACHINE_VALUE({ value: texts.length, what: 'number of servers up to 5' });
  return texts.map(check);
}
