/** What is to be done to the machine, before anybody does it. */
export interface Plan {
  /** What changes, for a sentence: `the name`. */
  readonly what: string;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: 'write'; readonly path: string; readonly content: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'run'; readonly program: string; readonly args: readonly string[] };

const HEAD = '# Written by the command line of the gateway.\n';
const NETWORK = '/etc/systemd/network';

export function endpointPlan(name: string): Plan {
  return { what: 'the name of the machine', steps: [run('hostnamectl', 'set-hostname', name)] };
}

/** systemd-timesyncd: timesyncd.conf(5). */
export function ntpPlan(servers: readonly string[]): Plan {
  return {
    what: 'the time servers',
    steps: [
      write('/etc/systemd/timesyncd.conf.d/50-sallyport.conf', `[Time]\nNTP=${servers.join(' ')}\n`),
      run('systemctl', 'restart', 'systemd-timesyncd'),
    ],
  };
}

/** systemd-resolved: resolved.conf(5). `Domains=~.` sends every question to these servers and no other. */
export function dnsPlan(servers: readonly string[]): Plan {
  return {
    what: 'the name servers',
    steps: [
      write(
        '/etc/systemd/resolved.conf.d/50-sallyport.conf',
        `[Resolve]\nDNS=${servers.join(' ')}\nDomains=~.\nFallbackDNS=\n`,
      ),
      run('systemctl', 'restart', 'systemd-resolved'),
    ],
  };
}

/** systemd-networkd: systemd.network(5). The interface is matched by name, and by nothing that an upgrade reorders. */
export function networkPlan(
  link: string,
  address: { readonly cidr: string; readonly gateway: string | undefined } | 'dhcp',
): Plan {
  const lines =
    address === 'dhcp'
      ? ['DHCP=yes']
      : [`Address=${address.cidr}`, ...(address.gateway === undefined ? [] : [`Gateway=${address.gateway}`])];
  return {
    what: `the addresses of ${link}`,
    steps: [
      write(networkFile(link), `[Match]\nName=${link}\n\n[Network]\n${lines.join('\n')}\n`),
      ...reconfigure(link),
    ],
  };
}

/** A file of its own for each route, so that it stays where the addresses change. */
export function routePlan(verb: 'add' | 'remove', link: string, network: string, gateway: string): Plan {
  const path = `${networkFile(link)}.d/route-${network.replaceAll(/[^0-9a-f.]/gi, '_')}.conf`;
  const step: Step =
    verb === 'add'
      ? write(path, `[Route]\nDestination=${network}\nGateway=${gateway}\n`)
      : { kind: 'remove', path };
  return { what: `the routes of ${link}`, steps: [step, ...reconfigure(link)] };
}

export function powerPlan(verb: 'reboot' | 'poweroff'): Plan {
  return { what: 'the power state of the machine', steps: [run('systemctl', verb)] };
}

/** The plan as somebody would do it by hand. */
export function byHand({ steps }: Plan): string {
  return steps
    .map((step) => {
      if (step.kind === 'run') return [step.program, ...step.args].join(' ');
      if (step.kind === 'remove') return `rm ${step.path}`;
      const lines = step.content.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return `write ${step.path}: ${lines.join(' / ')}`;
    })
    .join('; then ');
}

function networkFile(link: string): string {
  return `${NETWORK}/50-sallyport-${link}.network`;
}

function reconfigure(link: string): readonly Step[] {
  return [run('networkctl', 'reload'), run('networkctl', 'reconfigure', link)];
}

function write(path: string, content: string): Step {
  return { kind: 'write', path, content: HEAD + content };
}

function run(program: string, ...args: readonly string[]): Step {
  return { kind: 'run', program, args };
}
