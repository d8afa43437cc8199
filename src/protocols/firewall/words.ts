import type { FirewallPlan, InboundRule, OutboundRule } from './plan.ts';

/** The first lines of every export, as sentences; the format puts its comment sign before them. */
export function headerLines(plan: FirewallPlan): readonly string[] {
  const lines = [
    'Firewall rules of Sallyport, made by "sallyport firewall export" from the port table and the configuration.',
  ];
  if (plan.direction !== 'out') {
    lines.push(
      'In: the ports below, from the internal networks only. All else is refused, also the own SSH of the machine:',
    );
    lines.push('add it with --machine-port 22 where you need it.');
  }
  if (plan.direction !== 'in') {
    lines.push(
      'Out: 443 and what the configuration needs. What the proxy doors reach for their clients on other ports',
    );
    lines.push('is added by --relayed.');
  }
  return lines;
}

/** `ssh: SSH: users remotely access the gateway …`, safe inside quotes of every format, cut to a length. */
export function inboundComment(rule: InboundRule, lengthMax: number): string {
  return plain(`${rule.door}: ${rule.purpose}`, lengthMax);
}

export function outboundComment(rule: OutboundRule, lengthMax: number): string {
  return plain(`${rule.name}: ${rule.purpose}`, lengthMax);
}

/** Letters, digits and harmless signs of ASCII: no quotes, no line ends, no variables of a shell. */
function plain(text: string, lengthMax: number): string {
  const safe = text
    .replace(/[^A-Za-z0-9 .,:()/_-]/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return safe.length <= lengthMax ? safe : `${safe.slice(0, lengthMax - 3).trimEnd()}...`;
}

export interface FamilyRule<T> {
  readonly family: 4 | 6;
  readonly rule: T;
  /** Destinations of an outbound rule; empty: anywhere. */
  readonly to: readonly string[];
}

/** The outbound rules of each family: a rule without destinations holds for both, others only where they have some. */
export function outboundByFamily(plan: FirewallPlan): readonly FamilyRule<OutboundRule>[] {
  return plan.outbound.flatMap((rule) =>
    ([4, 6] as const).flatMap((family) => {
      const to = family === 4 ? rule.to4 : rule.to6;
      return isAnywhere(rule) || to.length > 0 ? [{ family, rule, to }] : [];
    }),
  );
}

export function isAnywhere(rule: OutboundRule): boolean {
  return rule.to4.length + rule.to6.length === 0;
}
