import type { FirewallPlan } from './plan.ts';
import { headerLines, inboundComment, outboundByFamily, outboundComment } from './words.ts';

const COMMENT_MAX = 200;

/** Commands for a shell. ufw itself lets established connections, loopback and neighbor discovery through. */
export function ufw(plan: FirewallPlan): string {
  const networks = [...plan.internal4, ...plan.internal6];
  const inbound = plan.inbound.flatMap((rule) =>
    networks.map(
      (network) =>
        `ufw allow in proto tcp from ${network} to any port ${rule.port} comment '${inboundComment(rule, COMMENT_MAX)}'`,
    ),
  );
  const outbound = outboundByFamily(plan).flatMap(({ family, rule, to }) => {
    const comment = outboundComment(rule, COMMENT_MAX);
    const line = (target: string): string =>
      `ufw allow out proto ${rule.transport} to ${target} port ${rule.port} comment '${comment}'`;
    // `any` stands for both families.
    if (to.length === 0) return family === 4 ? [line('any')] : [];
    return to.map(line);
  });
  return [
    '#!/bin/sh',
    ...headerLines(plan).map((line) => `# ${line}`),
    'set -e',
    ...(plan.direction === 'out' ? [] : ['ufw default deny incoming']),
    ...(plan.direction === 'in' ? [] : ['ufw default reject outgoing']),
    ...inbound,
    ...outbound,
    'ufw --force enable',
    '',
  ].join('\n');
}
