import type { Config } from '../../engines/config/index.ts';
import type { SessionReplica } from '../../engines/identity/index.ts';
import type { EventQueue } from '../../engines/telemetry/index.ts';
import type { Clock, ControlLink, MetricDeclaration } from '../../kernel/index.ts';

/** What the door works with. It has no account and no key but the host keys: control is asked. */
export interface SshEngines {
  readonly config: Config;
  readonly clock: Clock;
  readonly link: ControlLink;
  readonly sessions: Pick<SessionReplica, 'onClose' | 'signOut' | 'touch'>;
  readonly events: EventQueue;
  readonly version: string;
  /** Name of the machine, for the prompt. */
  readonly hostName: string;
  /** The gateway ends, and nothing comes after this process. */
  stopping(): boolean;
  later(delayMs: number, run: () => void): { cancel(): void };
}

export const sshMetrics: readonly MetricDeclaration[] = [
  {
    name: 'ssh_logins_total',
    type: 'counter',
    help: 'Sign-ins over SSH, by result: done, refused',
    labels: ['result'],
  },
  {
    name: 'ssh_refused_total',
    type: 'counter',
    help: 'What SSH clients asked for and never get: forwarding, subsystem, agent, x11, env, second-shell, scp, pty, channels; and of lines that were not run: shell-syntax, control-character, line-too-long',
    labels: ['what'],
  },
  { name: 'ssh_commands_total', type: 'counter', help: 'Command lines that ran over SSH' },
  {
    name: 'ssh_floods_total',
    type: 'counter',
    help: 'Connections closed because too many others had not signed in',
  },
];
