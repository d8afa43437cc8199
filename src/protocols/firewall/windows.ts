import type { FirewallPlan } from './plan.ts';
import { headerLines, inboundComment, isAnywhere, outboundComment } from './words.ts';

const COMMENT_MAX = 200;

/** A PowerShell script with `New-NetFirewallRule`. Windows itself lets answers and neighbor discovery through. */
export function windows(plan: FirewallPlan): string {
  const networks = [...plan.internal4, ...plan.internal6];
  const inbound = plan.inbound.map((rule) =>
    command(`Sallyport in ${rule.door} ${rule.port}`, inboundComment(rule, COMMENT_MAX), [
      '-Direction Inbound',
      '-Protocol TCP',
      `-LocalPort ${rule.port}`,
      `-RemoteAddress ${list(networks)}`,
    ]),
  );
  const outbound = plan.outbound.map((rule) =>
    command(`Sallyport out ${rule.name} ${rule.transport} ${rule.port}`, outboundComment(rule, COMMENT_MAX), [
      '-Direction Outbound',
      `-Protocol ${rule.transport.toUpperCase()}`,
      `-RemotePort ${rule.port}`,
      `-RemoteAddress ${isAnywhere(rule) ? 'Any' : list([...rule.to4, ...rule.to6])}`,
    ]),
  );
  return [
    ...headerLines(plan).map((line) => `# ${line}`),
    "$ErrorActionPreference = 'Stop'",
    "Remove-NetFirewallRule -Group 'Sallyport' -ErrorAction SilentlyContinue",
    ...inbound,
    ...outbound,
    ...(plan.direction === 'out'
      ? []
      : ['Set-NetFirewallProfile -All -Enabled True -DefaultInboundAction Block']),
    ...(plan.direction === 'in'
      ? []
      : ['Set-NetFirewallProfile -All -Enabled True -DefaultOutboundAction Block']),
    '',
  ].join('\n');
}

function command(name: string, description: string, parameters: readonly string[]): string {
  return [
    `New-NetFirewallRule -Group 'Sallyport' -DisplayName '${name}'`,
    `-Description '${description}'`,
    ...parameters,
    '-Action Allow -Profile Any | Out-Null',
  ].join(' ');
}

function list(texts: readonly string[]): string {
  return `@(${texts.map((text) => `'${text}'`).join(', ')})`;
}
