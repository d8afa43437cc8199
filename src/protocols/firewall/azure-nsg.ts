import type { FirewallPlan } from './plan.ts';
import { headerLines, inboundComment, outboundByFamily, outboundComment } from './words.ts';

/** Azure's bound of a rule's description, and the first and last priority. */
const COMMENT_MAX = 140;
const PRIORITY_FIRST = 100;
const PRIORITY_LAST = 4096;

/**
 * A Resource Manager template with one network security group. A rule holds one address family, and Azure's own
 * rules let the virtual network and the Internet through, so the last rule of a direction denies.
 */
export function azureNsg(plan: FirewallPlan): string {
  const rules = [
    ...(plan.direction === 'out' ? [] : [...inbound(plan), deny('Inbound')]),
    ...(plan.direction === 'in' ? [] : [...outbound(plan), deny('Outbound')]),
  ];
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    metadata: { description: headerLines(plan).join(' ') },
    resources: [
      {
        type: 'Microsoft.Network/networkSecurityGroups',
        apiVersion: '2023-09-01',
        name: 'sallyport',
        location: '[resourceGroup().location]',
        properties: { securityRules: rules },
      },
    ],
  };
  return `${JSON.stringify(template, null, 2)}\n`;
}

function inbound(plan: FirewallPlan): readonly object[] {
  const families = [
    { family: 4, networks: plan.internal4 },
    { family: 6, networks: plan.internal6 },
  ].filter(({ networks }) => networks.length > 0);
  const rules = plan.inbound.flatMap((rule) => families.map((each) => ({ ...each, rule })));
  return rules.map(({ family, networks, rule }, at) =>
    securityRule(`in-${rule.key}-${rule.port}-ipv${family}`, {
      description: inboundComment(rule, COMMENT_MAX),
      priority: PRIORITY_FIRST + at,
      direction: 'Inbound',
      access: 'Allow',
      protocol: 'Tcp',
      sourceAddressPrefixes: networks,
      destinationAddressPrefix: '*',
      destinationPortRange: String(rule.port),
    }),
  );
}

function outbound(plan: FirewallPlan): readonly object[] {
  // `*` stands for both families.
  const rules = outboundByFamily(plan).filter(({ family, to }) => to.length > 0 || family === 4);
  return rules.map(({ family, rule, to }, at) => {
    const suffix = to.length === 0 ? 'any' : `ipv${family}`;
    return securityRule(`out-${rule.name}-${rule.transport}-${rule.port}-${suffix}-${at + 1}`, {
      description: outboundComment(rule, COMMENT_MAX),
      priority: PRIORITY_FIRST + at,
      direction: 'Outbound',
      access: 'Allow',
      protocol: rule.transport === 'tcp' ? 'Tcp' : 'Udp',
      sourceAddressPrefix: '*',
      ...(to.length === 0 ? { destinationAddressPrefix: '*' } : { destinationAddressPrefixes: to }),
      destinationPortRange: String(rule.port),
    });
  });
}

function deny(direction: 'Inbound' | 'Outbound'): object {
  return securityRule(`deny-${direction.toLowerCase()}`, {
    description: 'Everything else',
    priority: PRIORITY_LAST,
    direction,
    access: 'Deny',
    protocol: '*',
    sourceAddressPrefix: '*',
    destinationAddressPrefix: '*',
    destinationPortRange: '*',
  });
}

function securityRule(name: string, properties: object): object {
  return { name, properties: { ...properties, sourcePortRange: '*' } };
}
