import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../engines/config/index.ts';
import { bindEverywhere, bindPort, forkChild, holderOfPort } from '../../platform/index.ts';
import { BUILT_DOORS } from '../doors.ts';
import { openHome } from './home.io.ts';
import { createListeners } from './listeners.ts';
import { createNursery, type Fork } from './nursery.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.io.ts';

/** How long ports of a gateway that was killed may take to come free, and the pause between tries. */
const PATIENCE_TRIES = 30;
const PATIENCE_MS = 100;

/** Runs the gateway until it is stopped. Rejects when it cannot start; nothing is left open then. */
export async function runSupervisor(options: SupervisorOptions): Promise<void> {
  const { entry, env, edgesLikely } = options;
  const nursery = createNursery(
    (role, events) => forkChild({ entry, role, env, ...events }),
    edgesLikely === 0
      ? []
      : ['control', 'admin', ...Array.from({ length: edgesLikely }, () => 'edge' as const)],
  );
  try {
    const config = await options.loadConfig();
    const fork =
      config.edges === 0 ? (await import('../in-process.io.ts')).inProcessFork(options.pid) : nursery.fork;
    await supervise(options, config, fork, () => nursery.close());
  } finally {
    nursery.close();
  }
}

async function supervise(
  options: SupervisorOptions,
  config: Config,
  fork: Fork,
  allForked: () => void,
): Promise<void> {
  const home = await openHome(config.dataDir, options.pid, options.env['XDG_RUNTIME_DIR']);
  const listeners = createListeners({
    doors: BUILT_DOORS,
    bindPort,
    bindEverywhere,
    holderOf: holderOfPort,
    patience: async (attempt) => {
      if (!home.afterKill || attempt >= PATIENCE_TRIES) return false;
      await sleep(PATIENCE_MS);
      return true;
    },
  });
  try {
    await new Supervisor({ ...options, fork, allForked }, home, listeners, config).run();
  } finally {
    listeners.close();
    home.close();
  }
}
