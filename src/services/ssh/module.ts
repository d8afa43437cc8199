import type { Health, ServiceModule, Wire } from '../../kernel/index.ts';
import type { Connections } from './connection.ts';
import { SshControl } from './control.ts';
import { sshMetrics, type SshEngines } from './engines.ts';

export const sshModule: ServiceModule<SshEngines> = {
  name: 'ssh',
  summary: 'SSH: the command line of the gateway for people and scripts, and nothing else.',
  ports: ['ssh'],
  metrics: sshMetrics,

  create(engines, host) {
    const control = new SshControl(engines.link);
    let connections: Connections | undefined;
    return {
      async start() {
        // The library is loaded by the process that serves, and by no other.
        const [{ Connections: Serving }, { createSshServer }, hostKeys] = await Promise.all([
          import('./connection.ts'),
          import('./library.ts'),
          control.hostKeys(),
        ]);
        const server = createSshServer(hostKeys, engines.config.ssh.banner);
        const serving = new Serving({ ...engines, control, server, log: host.log, metrics: host.metrics });
        await host.listen('ssh', (wire: Wire) => serving.serve(wire));
        connections = serving;
      },
      drain: () => connections?.drain(),
      // Nobody waits at a prompt of an old process for longer than it drains; one that has not signed in goes first.
      waiting: (wire) => connections?.isIdle(wire) === true,
      health(): Health {
        return connections === undefined
          ? { state: 'down', code: 'starting', reason: 'not listening' }
          : { state: 'ok' };
      },
    };
  },
};
