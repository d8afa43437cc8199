export { type Alarm } from './alarm.ts';
export { type Alerts, type AlertsOptions, createAlerts } from './alerts.io.ts';
export { alertCommands } from './commands.ts';
export { type Situation } from './conditions.ts';
export { type SendFailure } from './deliveries.ts';
export { alertErrors } from './errors.ts';
export { alertMetrics } from './metrics.ts';
export { alertRulesSection } from './rule.ts';
