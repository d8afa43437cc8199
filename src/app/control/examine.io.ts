import { type Clock, type Input, type Log } from '../../kernel/index.ts';
import { runningSupervisor } from '../../platform/index.ts';
import type { DoctorEngines } from '../doctor/index.ts';
import { appErrors } from '../errors.ts';
import type { ControlEngines } from './engines.ts';

const NO_INPUT: Input = { words: {}, rest: [], options: {} };

/** The doctor inside control: for those who ask over SSH or the API. Its questions are commands that only read. */
export function openExamine(
  engines: () => ControlEngines,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): DoctorEngines['examine'] {
  return () => {
    const { config } = engines().gateway;
    return Promise.resolve({
      config,
      running: runningSupervisor(config.dataDir) ?? process.pid,
      log,
      now: () => clock.now(),
      async ask(words) {
        const { allCommands } = await import('../commands/index.ts');
        const command = allCommands.find((each) => each.words === words && each.where !== 'here');
        if (command?.role === undefined) throw appErrors.UNKNOWN_COMMAND({ words });
        // `allCommands` holds only commands whose engines are in `ControlEngines`; the list has lost that type.
        const result = await command.run(engines() as never, NO_INPUT, {
          actor: 'doctor',
          progress: () => undefined,
        });
        return result.document;
      },
    });
  };
}
