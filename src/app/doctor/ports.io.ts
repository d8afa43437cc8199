import { connect } from 'node:net';
import { PORT_TABLE } from '../../kernel/index.ts';
import { bindEverywhere, bindPort, holderOfPort } from '../../platform/index.ts';
import { BUILT_DOORS } from '../doors.ts';
import { listenPortOf } from '../supervisor/listeners.ts';
import { type Check, type Examination, type Finding, ok, problem, recordsOf } from './finding.ts';

const CONNECT_MS = 2000;

/** Running: every port of the table takes connections. Stopped: a start could open each of them. */
export const portChecks: Check = (examination) =>
  examination.running === undefined ? freePorts(examination) : openPorts(examination);

async function openPorts({ ask }: Examination): Promise<readonly Finding[]> {
  const rows = recordsOf(await ask('show ports').catch(() => []));
  return Promise.all(
    rows
      .filter(({ state }) => state === 'open' || state === 'failed')
      .map(async ({ listenPort, addresses, state, door }): Promise<Finding> => {
        const check = `port ${Number(listenPort)}`;
        const hint = 'sallyport show ports, then sallyport reload; the log says why it failed';
        if (state === 'failed') return problem(check, `${String(door)} could not open it`, hint);
        const [address = '127.0.0.1'] = Array.isArray(addresses) ? addresses.map(String) : [];
        const failure = await connectOnce(reachable(address), Number(listenPort));
        return failure === undefined
          ? ok(check, `${String(door)} answers on ${address}`)
          : problem(check, `${String(door)} does not take connections on ${address} (${failure})`, hint);
      }),
  );
}

function reachable(address: string): string {
  return address === '0.0.0.0' || address === '*' ? '127.0.0.1' : address === '::' ? '::1' : address;
}

function connectOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (failure?: string): void => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(CONNECT_MS, () => end('timeout'));
    socket.once('connect', () => end());
    socket.once('error', (error) => end('code' in error ? String(error.code) : error.message));
  });
}

/** Every port that a start would open, opened and closed again. */
async function freePorts({ config }: Examination): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const row of PORT_TABLE) {
    if (!BUILT_DOORS.includes(row.door) || !config.listeners[row.key].enabled) continue;
    const port = listenPortOf(config, row.key);
    const addresses = config.bind.length === 0 ? [undefined] : config.bind;
    const results = addresses.map((address) =>
      address === undefined ? bindEverywhere(port) : bindPort(address, port),
    );
    for (const result of results) if (!('errno' in result)) result.close();
    const failed = results.find((result) => 'errno' in result);
    const errno = failed !== undefined && 'errno' in failed ? failed.errno : undefined;
    findings.push(await judgePort({ port, door: row.door, key: `listeners.${row.key}.port`, errno }));
  }
  return findings;
}

interface PortTrial {
  readonly port: number;
  readonly door: string;
  readonly key: string;
  readonly errno: string | undefined;
}

async function judgePort({ port, door, key, errno }: PortTrial): Promise<Finding> {
  const check = `port ${port}`;
  switch (errno) {
    case undefined:
      return ok(check, `free for ${door}`);
    case 'EADDRINUSE': {
      const holder = await holderOfPort(port);
      const who = holder === undefined ? '' : ` by process ${holder.pid} (${holder.program})`;
      return problem(check, `taken${who}`, `see ss -ltnp 'sport = :${port}', or set ${key}`);
    }
    case 'EACCES':
      return problem(check, 'this user may not open it', `CAP_NET_BIND_SERVICE, --port-offset, or ${key}`);
    case 'EADDRNOTAVAIL':
      return problem(
        check,
        'the address of bind is not of this machine',
        'see ip address, --bind and the key bind',
      );
    default:
      return problem(check, errno, 'see --bind and the key bind');
  }
}
