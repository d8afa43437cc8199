import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Alerts, alertRulesSection } from '../../engines/alerts/index.ts';
import type { Config } from '../../engines/config/index.ts';
import type { Explain, Trial } from '../../engines/exchange/index.ts';
import { collectionsSection, exportsSection, type ExportAdmin } from '../../engines/exports/index.ts';
import { feedsSection, type Feeds } from '../../engines/feeds/index.ts';
import {
  createAuthenticators,
  createIdentity,
  openSealing,
  type Revocations,
  revocationsSection,
  saveInitialPassword,
  type Sessions,
  tokensSection,
  usersSection,
  identityErrors,
  type Authenticators,
  type HostKeys,
  type IdentityAdmin,
} from '../../engines/identity/index.ts';
import {
  createIndicatorAdmin,
  openIndicators,
  type IndicatorAdmin,
  type IndicatorReader,
} from '../../engines/indicators/index.ts';
import type { PrefixLists } from '../../engines/look-aside/index.ts';
import { createCertificateAdmin, openPki, type CertificateAdmin, type Pki } from '../../engines/pki/index.ts';
import type { ModelAdmin } from '../../engines/training/index.ts';
import { policySection, type PolicyAdmin, type PolicyDocument } from '../../engines/policy/index.ts';
import type { QuarantineAdmin } from '../../engines/quarantine/index.ts';
import type { RuleSets } from '../../engines/scan/index.ts';
import { openState, type State } from '../../engines/state/index.ts';
import type { EventStore } from '../../engines/events/index.ts';
import { type LogTargets, logTargetsSection } from '../../engines/log-targets/index.ts';
import type { MetricAggregate } from '../../engines/telemetry/index.ts';
import type { SiteOpinion } from '../../engines/verdict/index.ts';
import type { Clock, Metrics } from '../../kernel/index.ts';
import { finishRestore } from '../backup/restore.io.ts';
import type { DoctorEngines } from '../doctor/index.ts';
import type { Machine } from '../appliance/index.ts';
import type { Foundation } from './foundation.ts';
import type { Gateway } from './gateway.ts';
import type { LogRing } from './log-ring.io.ts';
import type { Setting } from './setting.ts';

/** What commands may use. Each command names the part that it needs. */
export interface ControlEngines {
  readonly gateway: Gateway;
  readonly logLines: LogRing;
  readonly metrics: () => Promise<MetricAggregate>;
  readonly state: State;
  readonly identity: IdentityAdmin;
  readonly sessions: Sessions;
  readonly machine: Machine;
  readonly authenticators: Authenticators;
  readonly revocations: Revocations;
  /** Opened at the first use. */
  readonly hostKeys: () => Promise<HostKeys>;
  readonly pki: Pki;
  readonly certificates: CertificateAdmin;
  readonly indicators: IndicatorAdmin;
  readonly feeds: Feeds;
  readonly exports: ExportAdmin;
  readonly quarantine: QuarantineAdmin;
  readonly scanRules: RuleSets;
  readonly models: ModelAdmin;
  readonly reader: IndicatorReader;
  readonly opinion: () => SiteOpinion | undefined;
  readonly prefixLists: () => Promise<PrefixLists>;
  readonly policy: PolicyAdmin;
  readonly trial: (document?: PolicyDocument) => Trial;
  readonly explain: Explain;
  readonly events: EventStore;
  readonly logTargets: LogTargets;
  readonly alerts: Alerts;
  readonly examine: DoctorEngines['examine'];
  readonly clock: Clock;
}

export function openStateStore(base: Foundation): Promise<State> {
  finishRestore(base.dataDir);
  return openState({
    ...base,
    sections: [
      usersSection,
      tokensSection,
      revocationsSection,
      feedsSection,
      exportsSection,
      collectionsSection,
      logTargetsSection,
      alertRulesSection,
      policySection,
    ],
  });
}

export function openIdentityAdmin(
  base: Foundation & Pick<Parameters<typeof createIdentity>[0], 'banned'>,
  state: State,
  links: Parameters<typeof createIdentity>[0]['links'],
  config: () => Config,
): IdentityAdmin {
  return createIdentity({ ...base, state, links, random: randomBytes, login: () => config().login });
}

export function openAuthenticators(base: Foundation, state: State, config: () => Config): Authenticators {
  const sealing = openSealing(base.dataDir, ({ problem, cause }) =>
    identityErrors.IDENTITY_MASTER_KEY({ file: join(base.dataDir, 'master.key'), problem }, { cause }),
  );
  return createAuthenticators({ ...base, state, random: randomBytes, sealing, login: () => config().login });
}

/**
 * Makes the first account. Its password is the caller's, or a random one: told once on a terminal, else kept
 * in a file that only the owner may read. The answer is what the operator should be told.
 */
export async function makeFirstAdmin(
  identity: IdentityAdmin,
  { dataDir, password, terminal }: { dataDir: string; password: string | undefined; terminal: boolean },
): Promise<readonly string[]> {
  const { created, generatedPassword } = await identity.ensureAdmin(password);
  if (!created) return [];
  if (generatedPassword === undefined)
    return ['the account admin has the password of SALLYPORT_ADMIN_PASSWORD'];
  if (terminal)
    return [`the account admin has the password ${generatedPassword} (it is shown only this once)`];
  saveInitialPassword(dataDir, generatedPassword);
  return [`the password of the account admin is in ${join(dataDir, 'initial-password')}`];
}

export function openPkiEngine(base: Foundation, config: () => Config): Pki {
  return openPki({ ...base, tls: () => config().tls, random: randomBytes });
}

export function openCertificateAdmin(
  pki: Pki,
  { base, state, links }: Pick<Setting, 'base' | 'state' | 'links'>,
): CertificateAdmin {
  return createCertificateAdmin({
    pki,
    publish: () => links.publish('tls', pki.tlsSnapshot()),
    audit: (action, details, actor) =>
      // The change is made; an audit that cannot be written is an alarm, not a failure of the command.
      state
        .audit({ actor, action, outcome: 'done', details })
        .catch((error: unknown) => base.log.error('audit.not-written', { action, error })),
  });
}

export interface IndicatorSeam {
  readonly config: Config;
  readonly runImports: 'child' | 'here';
  readonly metrics?: Metrics;
  readonly state: () => State;
  publish(generation: string): Promise<void>;
}

/** The reader of control is opened at its first use: an import or a start does not need it. */
export function openIndicatorEngines(base: Foundation, seam: IndicatorSeam) {
  const { clock, log } = base;
  const dir = join(base.dataDir, 'indicators');
  let reader: IndicatorReader | undefined;
  const admin = createIndicatorAdmin({
    dir,
    clock,
    log,
    runImports: seam.runImports,
    localEntriesMax: seam.config.indicators.localEntriesMax,
    limits: {
      lineBytesMax: seam.config.indicators.importLineBytesMax,
      problemsMax: seam.config.indicators.importErrorsMax,
      entriesMax: seam.config.indicators.importEntriesMax,
      listBytesMax: seam.config.indicators.importListBytesMax,
      documentBytesMax: seam.config.indicators.importDocumentBytesMax,
      expansionMax: seam.config.indicators.importExpansionMax,
    },
    ...(seam.metrics === undefined ? {} : { metrics: seam.metrics }),
    publish: async (generation) => {
      await reader?.reload();
      await seam.publish(generation);
    },
    audit: (action, details, actor) =>
      // The change is made; an audit that cannot be written is an alarm, not a failure of the command.
      seam
        .state()
        .audit({ actor, action, outcome: 'done', details: plainObject(details) })
        .catch((error: unknown) => log.error('audit.not-written', { action, error })),
  });
  return {
    admin,
    reader: () => (reader ??= openIndicators(dir, clock)),
    close: () => reader?.close(),
  };
}

function plainObject(details: Readonly<Record<string, unknown>>) {
  // What an engine reports is data; a round trip leaves nothing else in it.
  return JSON.parse(JSON.stringify(details)) as Parameters<State['audit']>[0]['details'];
}
