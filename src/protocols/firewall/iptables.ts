import type { FirewallPlan } from './plan.ts';
import { headerLines, inboundComment, outboundByFamily, outboundComment } from './words.ts';

/** XT_MAX_COMMENT_LEN is 256 with the final zero. */
const COMMENT_MAX = 255;

/**
 * One file for `iptables-restore` and `ip6tables-restore`: a line that begins with `-4` or `-6` is ignored by the
 * program of the other family (iptables(8), options `-4` and `-6`).
 */
export function iptables(plan: FirewallPlan): string {
  const input = plan.direction === 'out' ? [] : inputLines(plan);
  const output = plan.direction === 'in' ? [] : outputLines(plan);
  return [
    ...headerLines(plan).map((line) => `# ${line}`),
    '# Load it for both families: iptables-restore FILE && ip6tables-restore FILE',
    '*filter',
    `:INPUT ${plan.direction === 'out' ? 'ACCEPT' : 'DROP'} [0:0]`,
    ':FORWARD ACCEPT [0:0]',
    `:OUTPUT ${plan.direction === 'in' ? 'ACCEPT' : 'DROP'} [0:0]`,
    ...input,
    ...output,
    'COMMIT',
    '',
  ].join('\n');
}

function inputLines(plan: FirewallPlan): readonly string[] {
  const rules = plan.inbound.flatMap((rule) => {
    const end = `-p tcp -m tcp --dport ${rule.port} ${comment(inboundComment(rule, COMMENT_MAX))} -j ACCEPT`;
    return [
      ...plan.internal4.map((network) => `-4 -A INPUT -s ${network} ${end}`),
      ...plan.internal6.map((network) => `-6 -A INPUT -s ${network} ${end}`),
    ];
  });
  return [
    '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A INPUT -i lo -j ACCEPT',
    '-4 -A INPUT -p icmp -j ACCEPT',
    '-6 -A INPUT -p ipv6-icmp -j ACCEPT',
    ...rules,
  ];
}

function outputLines(plan: FirewallPlan): readonly string[] {
  const rules = outboundByFamily(plan).flatMap(({ family, rule, to }) => {
    const { transport, port } = rule;
    const match = `-p ${transport} -m ${transport} --dport ${port}`;
    const end = `${match} ${comment(outboundComment(rule, COMMENT_MAX))} -j ACCEPT`;
    if (to.length === 0) return [`-${family} -A OUTPUT ${end}`];
    return to.map((network) => `-${family} -A OUTPUT -d ${network} ${end}`);
  });
  return [
    '-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A OUTPUT -o lo -j ACCEPT',
    '-4 -A OUTPUT -p icmp -j ACCEPT',
    '-6 -A OUTPUT -p ipv6-icmp -j ACCEPT',
    ...rules,
    '-4 -A OUTPUT -j REJECT --reject-with icmp-admin-prohibited',
    '-6 -A OUTPUT -j REJECT --reject-with icmp6-adm-prohibited',
  ];
}

function comment(text: string): string {
  return `-m comment --comment "${text}"`;
}
