import { defineCommand } from '../../kernel/index.ts';
import type { Gateway } from '../control/gateway.ts';
import { TONE } from './health.ts';

export const servicesCommand = defineCommand<{ readonly gateway: Gateway }>({
  words: 'show services',
  summary: 'Show the doors of the gateway, what they are for and how they are',
  positionals: [],
  options: {},
  role: 'read',
  where: 'either',
  examples: ['show services'],
  run: async ({ gateway }) => {
    // The catalogue brings the code of every door along: only this command needs it here.
    const { allDoors } = await import('../all-doors.ts');
    const parts = new Map((await gateway.health()).map((part) => [part.part, part]));
    const services = allDoors.map(({ name, summary, ports }) => {
      const part = parts.get(name);
      return {
        door: name,
        summary,
        ports: gateway
          .ports()
          .flatMap((row) => (row.door === name && row.state === 'open' ? row.listenPort : [])),
        listeners: ports,
        health: part?.state ?? (gateway.running ? ('down' as const) : ('stopped' as const)),
        reason: part?.reason ?? '',
      };
    });
    return {
      document: services,
      view: [
        {
          kind: 'table',
          columns: [{ title: 'door' }, { title: 'ports' }, { title: 'health' }, { title: 'summary' }],
          rows: services.map(({ door, ports, health, reason, summary }) => [
            door,
            ports.join(' '),
            health === 'stopped' ? health : { text: `${health} ${reason}`.trim(), tone: TONE[health] },
            summary,
          ]),
        },
      ],
    };
  },
});
