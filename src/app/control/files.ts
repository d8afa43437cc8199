import { FileVerdictStore, serveFileVerdicts } from '../../engines/file-verdicts/index.ts';
import { ModelShelf } from '../../engines/prediction/index.ts';
import { PrevalenceStore, servePrevalence } from '../../engines/prevalence/index.ts';
import { type QuarantineAdmin, serveQuarantine } from '../../engines/quarantine/index.ts';
import { createRuleSets, type RuleSets } from '../../engines/scan/index.ts';
import { createModelAdmin, type ModelAdmin } from '../../engines/training/index.ts';
import { openQuarantineStore } from './quarantine.ts';
import type { Setting } from './setting.ts';

/** What is known of files, and what they are judged with. */
export interface FileEngines {
  readonly quarantine: QuarantineAdmin;
  readonly scanRules: RuleSets;
  readonly models: ModelAdmin;
}

export async function openFileEngines({
  base,
  state,
  links,
  own,
  opened,
  current,
}: Setting): Promise<FileEngines> {
  const { clock, log, dataDir } = base;
  const sql: typeof state.sql = (text, parameters) => state.sql(text, parameters);
  const bytesMax = (): number => current().files.verdictsBytesMax;
  const verdicts = new FileVerdictStore({ sql, clock, log, bytesMax });
  opened.add(verdicts, (store) => store.close());
  await verdicts.open();
  serveFileVerdicts(links, verdicts);
  const entriesMax = (): number => current().prediction.prevalenceEntries;
  const prevalence = new PrevalenceStore({ sql, clock, log, entriesMax });
  opened.add(prevalence, (store) => store.close());
  await prevalence.open();
  servePrevalence(links, prevalence);
  const quarantine = openQuarantineStore(base, { state: () => state, metrics: own, config: current });
  const sweeping = serveQuarantine(links, quarantine, (error) => log.error('quarantine.sweep', { error }));
  opened.add(sweeping, (running) => running.close());
  const scanRules = createRuleSets({
    dataDir,
    bytesMax: () => current().scan.yara.ruleBytesMax,
    publish: (version) => links.publish('scan-rules', { version }),
  });
  await links.publish('scan-rules', { version: scanRules.version() });
  const publish = (): Promise<void> => links.publish('models', { atMs: clock.now() });
  const models = createModelAdmin({ shelf: new ModelShelf(dataDir), publish });
  await publish();
  return { quarantine, scanRules, models };
}
