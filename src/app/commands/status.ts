import { defineCommand, type Cell } from '../../kernel/index.ts';
import type { Gateway } from '../control/gateway.ts';

export const statusCommand = defineCommand<{ readonly gateway: Gateway }>({
  words: 'status',
  summary: 'Show the state of the gateway and its processes',
  positionals: [],
  options: {},
  role: 'read',
  where: 'running',
  examples: ['status', 'status --json'],
  run: async ({ gateway }) => {
    const processes = await gateway.processes();
    const state = gateway.state();
    return {
      document: { state, version: gateway.version, processes },
      view: [
        {
          kind: 'facts',
          facts: [
            ['state', { text: state, tone: state === 'running' ? 'good' : 'warn' }],
            ['version', gateway.version],
            ['data directory', gateway.config.dataDir],
            ['restarts of processes', gateway.restarts],
            ['generations cut', gateway.generationsCut],
          ],
        },
        {
          kind: 'table',
          columns: [
            { title: 'process' },
            { title: 'pid', align: 'right' },
            { title: 'generation', align: 'right' },
            { title: 'connections', align: 'right' },
            { title: 'state' },
          ],
          rows: processes.map((each): readonly Cell[] => [
            each.role,
            each.pid,
            each.generation,
            each.connections,
            { text: each.state, tone: each.state === 'ready' ? 'good' : 'warn' },
          ]),
        },
      ],
    };
  },
});
