import { defineCommand, type Health } from '../../kernel/index.ts';
import type { Gateway } from '../control/gateway.ts';

export const healthCommand = defineCommand<{ readonly gateway: Gateway }>({
  words: 'show health',
  summary: 'Show how every process and door is',
  positionals: [],
  options: {},
  role: 'read',
  where: 'running',
  examples: ['show health'],
  run: async ({ gateway }) => {
    const parts = await gateway.health();
    return {
      document: {
        state: worst(parts.map((part) => part.state)),
        parts: parts.map(({ sinceMs, code, ...part }) => ({
          ...part,
          code: code ?? '',
          since: new Date(sinceMs).toISOString(),
        })),
      },
      view: [
        {
          kind: 'table',
          columns: ['part', 'state', 'code', 'since', 'reason'].map((title) => ({ title })),
          rows: parts.map(({ part, state, code, sinceMs, reason }) => [
            part,
            { text: state, tone: TONE[state] },
            code ?? '',
            new Date(sinceMs).toISOString().slice(0, 19).replace('T', ' '),
            reason,
          ]),
        },
      ],
    };
  },
});

export const TONE = { ok: 'good', degraded: 'warn', down: 'bad' } as const;

/** The gateway is as healthy as its worst part. */
export function worst(states: readonly Health['state'][]): Health['state'] {
  return states.includes('down') ? 'down' : states.includes('degraded') ? 'degraded' : 'ok';
}
