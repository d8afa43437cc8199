import { setImmediate as turn } from 'node:timers/promises';
import type { Config } from '../../engines/config/index.ts';
import { HealthWatch } from '../../engines/telemetry/index.ts';
import type { Clock, Command, CommandIo, Input, Log, Result } from '../../kernel/index.ts';
import { createEdgeLinks, type EdgeLinksServer } from '../bus/edge-links.io.ts';
import type { ChildSeam } from '../child-seam.io.ts';
import type { ChildStart, Facts } from '../messages.ts';
import { serveDoorCommands } from './edge-commands.ts';
import type { ControlEngines } from './engines.ts';
import { runningGateway } from './gateway.ts';
import { removeLeftovers } from './handed-file.io.ts';
import type { LogRing } from './log-ring.io.ts';
import { openRunningEngines, type RunningEngines } from './running.io.ts';
import { serveSsh } from './ssh.ts';
import { suggestions } from './suggestions.ts';
import { openControlSocket } from './socket.io.ts';

export interface ControlOptions extends ChildStart {
  readonly seam: ChildSeam;
  readonly log: Log;
  readonly logLines: LogRing;
  readonly clock: Clock;
  ask(what: 'reload' | 'stop'): Promise<unknown>;
}

export interface Control {
  readonly notices: readonly string[];
  readonly links: EdgeLinksServer;
  setFacts(facts: Facts): void;
  /** Rejects, and keeps the one before, when it cannot be taken over. */
  setConfig(config: Config): Promise<void>;
  close(): Promise<void>;
}

/** Everything that is not a door: state, identities, certificates, feeds, metrics, and the commands. */
export async function openControl(options: ControlOptions): Promise<Control> {
  const { log, socketDir } = options;
  let config = options.config;
  let facts: Facts | undefined;
  const links = createEdgeLinks(log);
  await removeLeftovers(config.dataDir);
  links.onPost('log', (line) => options.logLines.add(line));
  const opened: { engines?: RunningEngines } = {};
  const gateway = runningGateway({
    config: () => config,
    facts: () => facts,
    links,
    ask: (what) => options.ask(what),
    parts: async () => (await opened.engines?.parts()) ?? [],
    watch: new HealthWatch(options.clock, () => config.health),
    clock: options.clock,
  });
  const engines = await openRunningEngines({ ...options, links, gateway, current: () => config });
  opened.engines = engines;
  const run: RunCommand = (command, input, io) => runCommand(command, engines.all, input, io);
  const servers: Closing[] = [];
  try {
    serveCalls(engines.all, { links, log, clock: options.clock, config: () => config, run });
    servers.push(
      await options.seam.serveBus(socketDir, (channel) => links.accept(channel)),
      await openControlSocket({ path: `${socketDir}/control.sock`, log, find: findCommand, run }),
    );
  } catch (error) {
    await closeAll(servers);
    await engines.close();
    throw error;
  }
  return {
    notices: engines.notices,
    links,
    setFacts: (next) => {
      facts = next;
      engines.setFacts(next);
    },
    setConfig: async (next) => {
      const before = config;
      config = next;
      try {
        await engines.refresh();
      } catch (error) {
        config = before;
        throw error;
      }
    },
    close: async () => {
      // Answers that were given in this turn still go out.
      await turn();
      await closeAll(servers);
      await engines.close();
    },
  };
}

type RunCommand = (command: Command, input: Input, io: CommandIo) => Promise<Result>;

interface Calls {
  readonly links: EdgeLinksServer;
  readonly log: Log;
  readonly clock: Clock;
  readonly run: RunCommand;
  config(): Config;
}

/** What edges and the ssh door ask of control. */
function serveCalls(engines: ControlEngines, calls: Calls): void {
  serveDoorCommands({ ...calls, engines, sessions: engines.sessions, find: findCommand });
  serveSsh({
    ...engines,
    ...calls,
    suggest: (kind) => suggestions(engines, kind),
    commands: async () => (await import('../commands/index.ts')).allCommands,
  });
}

interface Closing {
  close(): Promise<void>;
}

async function closeAll(servers: readonly Closing[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()));
}

/** The tree of commands is loaded at the first question: a start does not need it. */
async function findCommand(words: string): Promise<Command | undefined> {
  const { allCommands } = await import('../commands/index.ts');
  return allCommands.find(
    (command) =>
      command.words === words &&
      command.where !== 'shell' &&
      (command.where !== 'here' || command.remote === true),
  );
}

function runCommand(command: Command, engines: ControlEngines, input: Input, io: CommandIo): Promise<Result> {
  // `allCommands` holds only commands whose engines are in `ControlEngines`; the list has lost that type.
  return command.run(engines as never, input, io);
}
