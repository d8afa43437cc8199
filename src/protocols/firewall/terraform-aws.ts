import type { FirewallPlan, OutboundRule } from './plan.ts';
import { headerLines, inboundComment, isAnywhere, outboundComment } from './words.ts';

/** EC2's bound of a rule's description. */
const COMMENT_MAX = 255;

/** A security group. It is stateful and refuses what it does not name, so it needs no rule for answers. */
export function terraformAws(plan: FirewallPlan): string {
  const ingress = plan.inbound.map((rule) =>
    block('ingress', inboundComment(rule, COMMENT_MAX), 'tcp', rule.port, plan.internal4, plan.internal6),
  );
  const egress = plan.outbound.map((rule) =>
    block('egress', outboundComment(rule, COMMENT_MAX), rule.transport, rule.port, ...destinations(rule)),
  );
  return [
    ...headerLines(plan).map((line) => `# ${line}`),
    '',
    'variable "vpc_id" {',
    '  type        = string',
    '  description = "The VPC of the gateway"',
    '}',
    '',
    'resource "aws_security_group" "sallyport" {',
    '  name_prefix = "sallyport-"',
    '  description = "Sallyport service gateway"',
    '  vpc_id      = var.vpc_id',
    ...(plan.direction === 'out' ? [everything('ingress')] : ingress),
    ...(plan.direction === 'in' ? [everything('egress')] : egress),
    '',
    '  lifecycle {',
    '    create_before_destroy = true',
    '  }',
    '}',
    '',
  ].join('\n');
}

function destinations(rule: OutboundRule): [readonly string[], readonly string[]] {
  return isAnywhere(rule) ? [['0.0.0.0/0'], ['::/0']] : [rule.to4, rule.to6];
}

function block(
  name: string,
  description: string,
  transport: string,
  port: number,
  ...[networks4, networks6]: [readonly string[], readonly string[]]
): string {
  const facts: [string, string][] = [
    ['description', JSON.stringify(description)],
    ['protocol', JSON.stringify(transport)],
    ['from_port', String(port)],
    ['to_port', String(port)],
  ];
  if (networks4.length > 0) facts.push(['cidr_blocks', list(networks4)]);
  if (networks6.length > 0) facts.push(['ipv6_cidr_blocks', list(networks6)]);
  // As `terraform fmt` aligns them.
  const width = Math.max(...facts.map(([key]) => key.length));
  const lines = facts.map(([key, value]) => `    ${key.padEnd(width)} = ${value}`);
  return ['', `  ${name} {`, ...lines, '  }'].join('\n');
}

/** The direction that this export does not rule. */
function everything(name: string): string {
  return [
    '',
    `  ${name} {`,
    `    description      = "not part of this export"`,
    '    protocol         = "-1"',
    '    from_port        = 0',
    '    to_port          = 0',
    '    cidr_blocks      = ["0.0.0.0/0"]',
    '    ipv6_cidr_blocks = ["::/0"]',
    '  }',
  ].join('\n');
}

function list(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`;
}
