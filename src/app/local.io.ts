import { setTimeout as sleep } from 'node:timers/promises';
import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CommandIo, Input, Result } from '../kernel/index.ts';
import type { Config, ConfigFlags } from '../engines/config/index.ts';
import { askGateway, isRunning, untilGone } from './ask.io.ts';
import { processLog } from './process-log.io.ts';
import type { RestoreEngines } from './backup/index.ts';
import type { BundleEngines } from './bundle/index.ts';
import type { ScanEngines } from './commands/scan.ts';
import { startCommand, type StartEngines } from './commands/start.ts';
import { runningSupervisor, systemClock } from '../platform/index.ts';
import { appErrors } from './errors.ts';
import type { GlobalOptions, Local, ProcessFacts } from './local-seam.ts';

const POLL_MS = 20;
/** A control process that does not answer the doctor by then is a finding. */
const ASK_MS = 5000;
const NO_INPUT: Input = { words: {}, rest: [], options: {} };

export function createLocal(facts: ProcessFacts): Local {
  /** The parsers of the file are loaded when it is read: children are started before. */
  const config = async (globals: GlobalOptions, flags: ConfigFlags = {}): Promise<Config> => {
    const { loadConfig } = await import('../engines/config/index.ts');
    return loadConfig({
      file: globals.config,
      flags: { ...flags, dataDir: globals.dataDir },
      environment: facts.env,
      checkout: checkoutOf(facts.entry),
      cores: availableParallelism(),
    });
  };

  return {
    clock: systemClock,
    commands: async (argv) => {
      if (argv[0] === 'start') return [startCommand];
      return (await import('./commands/index.ts')).allCommands;
    },
    ask: async ({ words, input, globals }, progress) => {
      const { dataDir } = await config(globals);
      if (!(await isRunning(dataDir))) return undefined;
      const result = await askGateway(dataDir, { words, input, actor: 'local' }, progress);
      // The gateway has answered and is going: who starts it next must find its place free.
      if (words === 'stop') await untilGone(dataDir, () => sleep(POLL_MS));
      return result;
    },
    open: async (command, globals, announce) => {
      if (command.words === 'start') {
        return {
          engines: startEngines(facts, (flags) => config(globals, flags), announce),
          close: async () => {},
        };
      }
      if (command.where === 'here') {
        const engines: BundleEngines & ScanEngines & RestoreEngines = {
          clock: systemClock,
          openScan: async () => {
            const { openScan } = await import('./scan/open-scan.io.ts');
            const settings = await config(globals);
            return openScan(settings, processLog('sallyport', facts.pid, { ...settings.log, level: 'warn' }));
          },
          config: () => config(globals),
          examine: async () => {
            const settings = await config(globals);
            const running = runningSupervisor(settings.dataDir);
            return {
              config: settings,
              running,
              log: processLog('sallyport', facts.pid, { ...settings.log, level: 'error' }),
              now: facts.now,
              ask:
                running === undefined ? (words) => askStopped(words, settings, facts) : askRunning(settings),
            };
          },
        };
        return { engines, close: async () => {} };
      }
      const { openOffline } = await import('./offline.io.ts');
      return openOffline(command, await config(globals), facts);
    },
  };
}

/** The document of a command that only reads, of the running gateway. One that was silent once is not asked again. */
function askRunning({ dataDir }: Config): (words: string) => Promise<unknown> {
  let silent = false;
  return async (words) => {
    const late = (): Error => appErrors.BUS_TIMEOUT({ method: words, timeoutMs: ASK_MS });
    if (silent) throw late();
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      silent = true;
      reject(late());
    }, ASK_MS);
    const asked = askGateway(dataDir, { words, input: NO_INPUT, actor: 'local' }, () => undefined);
    return Promise.race([asked, promise])
      .then((result) => result.document)
      .finally(() => clearTimeout(timer));
  };
}

/** The same of a stopped gateway. */
async function askStopped(words: string, config: Config, facts: ProcessFacts): Promise<unknown> {
  const { allCommands } = await import('./commands/index.ts');
  const command = allCommands.find((each) => each.words === words && each.where === 'either');
  if (command === undefined) throw appErrors.NEEDS_RUNNING({ words });
  // Looking makes no store where none is.
  if (!existsSync(join(config.dataDir, 'state.db'))) return undefined;
  const { openOffline } = await import('./offline.io.ts');
  const opened = await openOffline(command, config, facts);
  try {
    const io: CommandIo = { actor: 'local', progress: () => undefined };
    return (await command.run(opened.engines as never, NO_INPUT, io)).document;
  } finally {
    await opened.close();
  }
}

function startEngines(
  facts: ProcessFacts,
  load: (flags: ConfigFlags) => Promise<Config>,
  announce: (result: Result) => void,
): StartEngines {
  return {
    sinceStartMs: () => facts.now() - facts.startedAtMs,
    announce,
    supervise: async (flags, onReady) => {
      const { runSupervisor } = await import('./supervisor/run.io.ts');
      await runSupervisor({
        ...facts,
        edgesLikely: edgesLikely(flags.edges),
        openLog: (settings, copy) => processLog('supervisor', facts.pid, settings, copy),
        loadConfig: () => load(flags),
        onReady,
      });
    },
  };
}

/** Without the flag a file may ask for another number: then some are started later, or in vain. */
function edgesLikely(flag: string | number | undefined): number {
  const asked = Number(flag ?? availableParallelism());
  return Number.isInteger(asked) && asked >= 0 ? Math.min(asked, availableParallelism()) : 0;
}

/** The source tree that the program runs from; `undefined` for an installed gateway. */
function checkoutOf(entry: string): string | undefined {
  const root = dirname(dirname(entry));
  return existsSync(join(root, '.git')) ? root : undefined;
}
