import { defineCommand } from '../../kernel/index.ts';
import type { Gateway } from '../control/gateway.ts';

export const stopCommand = defineCommand<{ readonly gateway: Gateway }>({
  words: 'stop',
  summary: 'Stop the gateway: finish what is open, for ten seconds at most',
  positionals: [],
  options: {},
  role: 'admin',
  where: 'running',
  examples: ['stop'],
  run: async ({ gateway }) => {
    await gateway.stop();
    return { document: { stopped: true }, view: [{ kind: 'text', text: 'stopped' }] };
  },
});
