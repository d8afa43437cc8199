import { defineCommand, listOption, textOption, type Result } from '../../kernel/index.ts';
import type { ConfigFlags } from '../../engines/config/index.ts';
import type { Ready } from '../supervisor/supervisor.io.ts';
import { portsResult } from './ports.ts';

/** What `start` needs from the process that runs it. */
export interface StartEngines {
  /** Milliseconds since the program began. */
  sinceStartMs(): number;
  /** Shows something before the command has ended: it ends when the gateway does. */
  announce(result: Result): void;
  supervise(flags: ConfigFlags, onReady: (ready: Ready) => void): Promise<void>;
}

export const startCommand = defineCommand<StartEngines>({
  words: 'start',
  summary: 'Start the gateway and stay in the foreground until it is stopped',
  positionals: [],
  options: {
    'port-offset': { value: 'N', help: 'Add N to every port of the table: 20000 needs no privileges' },
    bind: { value: 'ADDRESS', help: 'Listen on this address only', repeat: true },
    edges: { value: 'N', help: 'Edge processes; 0 runs everything in one process' },
    'allow-destination': {
      value: 'CIDR',
      help: 'Let the proxies reach this network although they refuse it by default',
      repeat: true,
    },
  },
  role: 'admin',
  where: 'here',
  examples: ['start --bind 127.0.0.1 --port-offset 20000', 'start --config /etc/sallyport/sallyport.yaml'],
  run: async (engines, input) => {
    const flags: ConfigFlags = {
      portOffset: textOption(input, 'port-offset'),
      edges: textOption(input, 'edges'),
      bind: given(listOption(input, 'bind')),
      allowDestination: given(listOption(input, 'allow-destination')),
    };
    await engines.supervise(flags, (ready) => {
      const ms = Math.round(engines.sinceStartMs());
      const ports = portsResult(ready.ports);
      const lines = [...ready.notices, `ready in ${ms} ms`].map((text) => ({ kind: 'text', text }) as const);
      engines.announce({
        document: { ports: ready.ports, notices: ready.notices, readyMs: ms },
        view: [...(ports.view ?? []), { kind: 'text', text: ' ' }, ...lines],
      });
    });
    return { document: { stopped: true }, view: [] };
  },
});

/** An option that was not given leaves the key to the file. */
function given(values: readonly string[]): readonly string[] | undefined {
  return values.length === 0 ? undefined : values;
}
