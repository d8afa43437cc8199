import type { Config } from '../engines/config/index.ts';
import { identityCommands } from '../engines/identity/index.ts';
import { indicatorCommands } from '../engines/indicators/index.ts';
import { stateCommands, type State } from '../engines/state/index.ts';
import type { Command } from '../kernel/index.ts';
import { systemClock } from '../platform/index.ts';
import {
  openExplain,
  openIdentityAdmin,
  openIndicatorEngines,
  openStateStore,
  type ControlEngines,
} from './control/engines.ts';
import { stoppedGateway } from './control/gateway.ts';
import { createLogRing } from './control/log-ring.ts';
import { appErrors } from './errors.ts';
import type { LocalCommand, ProcessFacts } from './local.io.ts';
import { processLog } from './process-log.io.ts';

/** The engines of control in a process of their own, for one command on a gateway that does not run. */
export async function openOffline(
  command: Command,
  config: Config,
  facts: ProcessFacts,
): Promise<LocalCommand> {
  const log = processLog('sallyport', facts.pid, { level: 'warn', format: config.log.format });
  const base = { dataDir: config.dataDir, clock: systemClock, log };
  // A command that only looks must not make a store where none is, and need not wait for its lock.
  const state = needsState(command) ? await openStateStore(base) : undefined;
  const open = (): State => {
    if (state === undefined) throw appErrors.NEEDS_RUNNING({ words: command.words });
    return state;
  };
  const never = (): never => {
    throw appErrors.NEEDS_RUNNING({ words: command.words });
  };
  const gateway = stoppedGateway(config);
  const indicators = openIndicatorEngines(base, {
    config,
    runImports: 'here',
    state: open,
    publish: () => Promise.resolve(),
  });
  const engines: ControlEngines = {
    gateway,
    logLines: createLogRing(),
    get metrics() {
      return never();
    },
    get state() {
      return open();
    },
    get identity() {
      return openIdentityAdmin(base, open(), undefined, () => config);
    },
    get pki() {
      return never();
    },
    indicators: indicators.admin,
    get reader() {
      return indicators.reader();
    },
    explain: openExplain(
      () => config,
      () => gateway.ports(),
      indicators.reader,
      () => 0,
    ),
    get events() {
      return never();
    },
  };
  return {
    engines,
    close: async () => {
      indicators.close();
      await state?.close();
    },
  };
}

function needsState(command: Command): boolean {
  const own: readonly Command[] = [...stateCommands, ...identityCommands];
  const audited: readonly Command[] = indicatorCommands;
  return own.includes(command) || (audited.includes(command) && command.role === 'admin');
}
