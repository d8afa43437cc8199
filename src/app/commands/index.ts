import { eventCommands } from '../../engines/events/index.ts';
import { alertCommands } from '../../engines/alerts/index.ts';
import { explainCommand, policyTestCommand } from '../../engines/exchange/index.ts';
import { exportCommands } from '../../engines/exports/index.ts';
import { feedCommands } from '../../engines/feeds/index.ts';
import {
  authenticatorCommands,
  identityCommands,
  revocationCommands,
  sessionCommands,
} from '../../engines/identity/index.ts';
import { indicatorCommands } from '../../engines/indicators/index.ts';
import { certificateImportCommands, pkiCommands } from '../../engines/pki/index.ts';
import { logTargetCommands } from '../../engines/log-targets/index.ts';
import { policyCommands } from '../../engines/policy/index.ts';
import { quarantineCommands } from '../../engines/quarantine/index.ts';
import { scanRuleCommands } from '../../engines/scan/index.ts';
import { modelCommands } from '../../engines/training/index.ts';
import { stateCommands } from '../../engines/state/index.ts';
import { verdictCommands } from '../../engines/verdict/index.ts';
import type { Command } from '../../kernel/index.ts';
import type { ControlEngines } from '../control/engines.ts';
import { backupCommand, restoreCommand } from '../backup/index.ts';
import { collectCommand } from '../bundle/index.ts';
import { applianceCommands } from '../appliance/index.ts';
import { shellCommands } from '../../services/ssh/index.ts';
import { doctorCommands } from '../doctor/index.ts';
import { firewallCommand } from './firewall.ts';
import { healthCommand } from './health.ts';
import { logCommand } from './log.io.ts';
import { metricsCommand } from './metrics.ts';
import { portsCommand } from './ports.ts';
import { reloadCommand } from './reload.ts';
import { scanCommand } from './scan.ts';
import { servicesCommand } from './services.ts';
import { startCommand } from './start.ts';
import { statusCommand } from './status.ts';
import { stopCommand } from './stop.ts';
import { showVersionCommand, versionCommand } from './version.ts';

/** Commands that run in control, or on a stopped gateway with the same engines. */
const gatewayCommands: readonly Command<ControlEngines>[] = [
  stopCommand,
  reloadCommand,
  statusCommand,
  portsCommand,
  servicesCommand,
  healthCommand,
  metricsCommand,
  logCommand,
  ...eventCommands,
  ...logTargetCommands,
  ...alertCommands,
  ...verdictCommands,
  explainCommand,
  ...policyCommands,
  policyTestCommand,
  firewallCommand,
  ...indicatorCommands,
  ...feedCommands,
  ...exportCommands,
  ...quarantineCommands,
  ...scanRuleCommands,
  ...modelCommands,
  ...identityCommands,
  ...authenticatorCommands,
  ...revocationCommands,
  ...applianceCommands,
  ...sessionCommands,
  ...pkiCommands,
  ...certificateImportCommands,
  ...stateCommands,
  backupCommand,
];

/** Every command of the gateway: for the command line, help, completions and documents. */
export const allCommands: readonly Command[] = [
  startCommand,
  ...doctorCommands,
  restoreCommand,
  collectCommand,
  versionCommand,
  showVersionCommand,
  scanCommand,
  ...gatewayCommands,
  ...shellCommands,
];
