import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../engines/config/index.ts';
import { unsubscribe } from '../engines/feeds/index.ts';
import { identityCommands } from '../engines/identity/index.ts';
import { exportCommands } from '../engines/exports/index.ts';
import { indicatorCommands } from '../engines/indicators/index.ts';
import { explainCommand, policyTestCommand } from '../engines/exchange/index.ts';
import { policyCommands } from '../engines/policy/index.ts';
import { quarantineCommands } from '../engines/quarantine/index.ts';
import { ModelShelf } from '../engines/prediction/index.ts';
import { createModelAdmin } from '../engines/training/index.ts';
import { createRuleSets } from '../engines/scan/index.ts';
import { stateCommands, type State } from '../engines/state/index.ts';
import type { Clock, Command, Log } from '../kernel/index.ts';
import { systemClock } from '../platform/index.ts';
import {
  openIdentityAdmin,
  openIndicatorEngines,
  openStateStore,
  type ControlEngines,
} from './control/engines.ts';
import { withSubscriptions } from './control/feeds.ts';
import { openExportEngine } from './control/exports.ts';
import { openQuarantineStore } from './control/quarantine.ts';
import { stoppedGateway } from './control/gateway.ts';
import { createLogRing } from './control/log-ring.io.ts';
import { openExplain, openPolicyEngine, openTrial } from './control/policy.ts';
import { appErrors } from './errors.ts';
import type { LocalCommand, ProcessFacts } from './local-seam.ts';
import { processLog } from './process-log.io.ts';
import { openOpinion } from './opinion.ts';
import { openPrefixLists } from './prefix-lists.ts';

/** Engines that only a running gateway has. */
const RUNNING = [
  'metrics',
  'authenticators',
  'revocations',
  'certificates',
  'hostKeys',
  'machine',
  'sessions',
  'pki',
  'events',
  'feeds',
  'alerts',
  'logTargets',
  'examine',
] as const satisfies readonly (keyof ControlEngines)[];

/** The engines of control in a process of their own, for one command on a gateway that does not run. */
export async function openOffline(
  command: Command,
  config: Config,
  facts: ProcessFacts,
): Promise<LocalCommand> {
  const log = processLog('sallyport', facts.pid, { ...config.log, level: 'warn' });
  const base = { dataDir: config.dataDir, clock: systemClock, log };
  // A command that only looks must not make a store where none is, and need not wait for its lock.
  const isStored = existsSync(join(config.dataDir, 'state.db'));
  const state = needsState(command, isStored) ? await openStateStore(base) : undefined;
  const open = (): State => {
    if (state === undefined) throw appErrors.NEEDS_RUNNING({ words: command.words });
    return state;
  };
  const never = (): never => {
    throw appErrors.NEEDS_RUNNING({ words: command.words });
  };
  const { engines, policy, close } = offlineEngines({ base, config, open, never });
  if (state !== undefined) await policy.start();
  return {
    engines,
    close: async () => {
      await close();
      await state?.close();
    },
  };
}

interface Base {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Offline {
  readonly base: Base;
  readonly config: Config;
  /** Throws where the command needs a running gateway. */
  open(): State;
  never(): never;
}

function offlineEngines({ base, config, open, never }: Offline): OfflineEngines {
  const gateway = stoppedGateway(config);
  const indicators = openIndicatorEngines(base, {
    config,
    runImports: 'here',
    state: open,
    publish: () => Promise.resolve(),
  });
  const exports = openExportEngine(base, {
    state: open,
    links: undefined,
    indicators: indicators.admin,
    runRenders: 'here',
    config: () => config,
  });
  const policy = openPolicyEngine(base, open, undefined, () => config);
  const opinion = openOpinion(base, () => config);
  const prefixLists = openPrefixLists({ ...base, config: () => config });
  const trialSeam = {
    policy: () => policy,
    reader: indicators.reader,
    opinion,
    prefixLists,
    config: () => config,
    ports: () => gateway.ports(),
    now: () => systemClock.now(),
  };
  const engines = withoutRunning(never, {
    gateway,
    logLines: createLogRing(),
    get state() {
      return open();
    },
    get identity() {
      return openIdentityAdmin(base, open(), undefined, () => config);
    },
    indicators: withSubscriptions(indicators.admin, (name, actor) => unsubscribe(open(), name, actor)),
    opinion,
    prefixLists,
    get reader() {
      return indicators.reader();
    },
    policy,
    trial: openTrial(trialSeam),
    explain: openExplain(trialSeam, () => 0),
    get exports() {
      return exports;
    },
    scanRules: createRuleSets({
      dataDir: config.dataDir,
      bytesMax: () => config.scan.yara.ruleBytesMax,
      publish: () => Promise.resolve(),
    }),
    models: createModelAdmin({
      shelf: new ModelShelf(config.dataDir),
      publish: () => Promise.resolve(),
    }),
    get quarantine() {
      return openQuarantineStore(base, { state: open, config: () => config });
    },
    clock: systemClock,
  });
  return {
    engines,
    policy,
    close: async () => {
      await exports.close();
      indicators.close();
    },
  };
}

interface OfflineEngines {
  readonly engines: ControlEngines;
  readonly policy: ReturnType<typeof openPolicyEngine>;
  close(): Promise<void>;
}

/** The rest of the engines: whoever asks for one of a running gateway gets the error of `never`. */
function withoutRunning(
  never: () => never,
  rest: Omit<ControlEngines, (typeof RUNNING)[number]>,
): ControlEngines {
  return Object.defineProperties(
    rest,
    Object.fromEntries(RUNNING.map((name) => [name, { get: never }])),
  ) as ControlEngines;
}

function needsState(command: Command, isStored: boolean): boolean {
  const own: readonly Command[] = [
    ...stateCommands,
    ...identityCommands,
    ...exportCommands,
    ...quarantineCommands,
  ];
  const byPolicy: readonly Command[] = [...policyCommands, policyTestCommand, explainCommand];
  // Without a store the shipped policy is in force, and looking at it makes none.
  if (byPolicy.includes(command)) return isStored || command.role === 'admin';
  const audited: readonly Command[] = indicatorCommands;
  return own.includes(command) || (audited.includes(command) && command.role === 'admin');
}
