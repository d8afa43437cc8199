import type { FirewallPlan, OutboundRule } from './plan.ts';
import { isAnywhere } from './words.ts';

/** The plan itself, for programs. */
export function json(plan: FirewallPlan): string {
  return `${JSON.stringify(firewallDocument(plan), null, 2)}\n`;
}

/** `[]` of networks would read as "nowhere", so "anywhere" is written out. */
export function firewallDocument(plan: FirewallPlan): object {
  const from = [...plan.internal4, ...plan.internal6];
  const to = (rule: OutboundRule): readonly string[] =>
    isAnywhere(rule) ? ['0.0.0.0/0', '::/0'] : [...rule.to4, ...rule.to6];
  return {
    direction: plan.direction,
    inbound: plan.inbound.map(({ key, door, port, purpose }) => ({
      key,
      door,
      transport: 'tcp',
      port,
      from,
      purpose,
    })),
    outbound: plan.outbound.map((rule) => ({
      name: rule.name,
      transport: rule.transport,
      port: rule.port,
      to: to(rule),
      purpose: rule.purpose,
    })),
  };
}
