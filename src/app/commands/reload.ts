import { defineCommand } from '../../kernel/index.ts';
import type { Gateway } from '../control/gateway.ts';

export const reloadCommand = defineCommand<{ readonly gateway: Gateway }>({
  words: 'reload',
  summary: 'Read the configuration again and replace the edges; nothing changes when it has an error',
  positionals: [],
  options: {},
  role: 'admin',
  where: 'running',
  examples: ['reload'],
  run: async ({ gateway }) => {
    const { generation } = await gateway.reload();
    return { document: { generation }, view: [{ kind: 'text', text: `generation ${generation} serves` }] };
  },
});
