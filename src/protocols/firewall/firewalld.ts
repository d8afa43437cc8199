import type { FirewallPlan } from './plan.ts';
import { headerLines, inboundComment, isAnywhere, outboundByFamily, outboundComment } from './words.ts';

const COMMENT_MAX = 200;
const ZONE = 'sallyport';
const POLICY = 'sallyport-out';

/**
 * `firewall-cmd` commands for a shell: a zone with the internal networks as its sources, one service for each
 * port, and a policy for what the machine itself sends (firewalld 0.9 and later).
 */
export function firewalld(plan: FirewallPlan): string {
  return [
    '#!/bin/sh',
    ...headerLines(plan).map((line) => `# ${line}`),
    'set -e',
    ...(plan.direction === 'out' ? [] : inbound(plan)),
    ...(plan.direction === 'in' ? [] : outbound(plan)),
    'firewall-cmd --reload',
    '',
  ].join('\n');
}

function inbound(plan: FirewallPlan): readonly string[] {
  const services = plan.inbound.flatMap((rule) => {
    const name = `sallyport-${rule.key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-${rule.port}`;
    return [
      `firewall-cmd --permanent --delete-service=${name} 2>/dev/null || true`,
      `firewall-cmd --permanent --new-service=${name}`,
      `firewall-cmd --permanent --service=${name} --set-description='${inboundComment(rule, COMMENT_MAX)}'`,
      `firewall-cmd --permanent --service=${name} --add-port=${rule.port}/tcp`,
      zone(`--add-service=${name}`),
    ];
  });
  return [
    `firewall-cmd --permanent --delete-zone=${ZONE} 2>/dev/null || true`,
    `firewall-cmd --permanent --new-zone=${ZONE}`,
    zone("--set-description='The internal networks: they alone reach the gateway'"),
    zone('--set-target=DROP'),
    ...[...plan.internal4, ...plan.internal6].map((network) => zone(`--add-source=${network}`)),
    zone('--add-protocol=ipv6-icmp'),
    zone('--add-protocol=icmp'),
    ...services,
    '# Whoever is in no zone is dropped. Neighbor discovery comes from link-local addresses and has to pass.',
    'firewall-cmd --permanent --zone=drop --add-protocol=ipv6-icmp',
    'firewall-cmd --set-default-zone=drop',
  ];
}

function outbound(plan: FirewallPlan): readonly string[] {
  const rules = outboundByFamily(plan).flatMap(({ family, rule, to }) => {
    const comment = `# ${outboundComment(rule, COMMENT_MAX)}`;
    const port = `port port="${rule.port}" protocol="${rule.transport}" accept`;
    if (isAnywhere(rule)) {
      return family === 4 ? [comment, policy(`--add-port=${rule.port}/${rule.transport}`)] : [];
    }
    const rich = (network: string): string =>
      policy(`--add-rich-rule='rule family="ipv${family}" destination address="${network}" ${port}'`);
    return [comment, ...to.map(rich)];
  });
  return [
    `firewall-cmd --permanent --delete-policy=${POLICY} 2>/dev/null || true`,
    `firewall-cmd --permanent --new-policy=${POLICY}`,
    policy('--add-ingress-zone=HOST'),
    policy('--add-egress-zone=ANY'),
    policy('--set-target=REJECT'),
    policy('--add-protocol=ipv6-icmp'),
    policy('--add-protocol=icmp'),
    ...rules,
  ];
}

function zone(option: string): string {
  return `firewall-cmd --permanent --zone=${ZONE} ${option}`;
}

function policy(option: string): string {
  return `firewall-cmd --permanent --policy=${POLICY} ${option}`;
}
