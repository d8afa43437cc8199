import { defineCommand, type Cell, type PortStatus, type Result } from '../../kernel/index.ts';
import type { Gateway } from '../control/gateway.ts';

export const portsCommand = defineCommand<{ readonly gateway: Gateway }>({
  words: 'show ports',
  summary: 'Show the port table and what listens',
  positionals: [],
  options: {},
  role: 'read',
  where: 'either',
  examples: ['show ports', 'show ports --json'],
  run: ({ gateway }) => Promise.resolve(portsResult(gateway.ports())),
});

export function portsResult(ports: readonly PortStatus[]): Result {
  return {
    document: ports,
    view: [
      {
        kind: 'table',
        columns: [
          { title: 'port', align: 'right' },
          { title: 'listens on' },
          { title: 'protocol' },
          { title: 'door' },
          { title: 'state' },
          { title: 'purpose' },
        ],
        rows: ports.map((row) => [
          row.port,
          listensOn(row),
          row.protocol,
          row.door,
          stateCell(row.state),
          row.purpose,
        ]),
      },
    ],
  };
}

function listensOn({ addresses, listenPort, state }: PortStatus): Cell {
  if (state !== 'open') return { text: '-', tone: 'dim' };
  return addresses
    .map((address) => `${address.includes(':') ? `[${address}]` : address}:${listenPort}`)
    .join(' ');
}

function stateCell(state: PortStatus['state']): Cell {
  const tone = { open: 'good', planned: 'dim', disabled: 'dim', failed: 'bad' } as const;
  return { text: state, tone: tone[state] };
}
