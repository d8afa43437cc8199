export { FIREWALL_FORMATS, firewallText, type FirewallFormat } from './formats.ts';
export { firewallDocument } from './json.ts';
export {
  firewallPlan,
  type Direction,
  type FirewallPlan,
  type InboundRule,
  type OutboundRule,
  type PlanInput,
} from './plan.ts';
