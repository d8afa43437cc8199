import type { FirewallPlan, OutboundRule } from './plan.ts';
import { headerLines, inboundComment, isAnywhere, outboundComment } from './words.ts';

/** nft's own bound of a comment: NFTNL_UDATA_COMMENT_MAXLEN. */
const COMMENT_MAX = 127;

/** A ruleset for `nft -f`: one table of its own, replaced as a whole. */
export function nftables(plan: FirewallPlan): string {
  const chains = [
    ...(plan.direction === 'out' ? [] : [inputChain(plan)]),
    ...(plan.direction === 'in' ? [] : [outputChain(plan)]),
  ];
  return [
    '#!/usr/sbin/nft -f',
    ...headerLines(plan).map((line) => `# ${line}`),
    '',
    '# Made first so that there is always one to delete: loading the file again replaces the table.',
    'table inet sallyport',
    'delete table inet sallyport',
    '',
    'table inet sallyport {',
    [...(plan.direction === 'out' ? [] : sets(plan)), ...chains].join('\n\n'),
    '}',
    '',
  ].join('\n');
}

function sets(plan: FirewallPlan): readonly string[] {
  return [
    ...(plan.internal4.length === 0 ? [] : [set('internal4', 'ipv4_addr', plan.internal4)]),
    ...(plan.internal6.length === 0 ? [] : [set('internal6', 'ipv6_addr', plan.internal6)]),
  ];
}

function set(name: string, type: string, elements: readonly string[]): string {
  return `  set ${name} {
    type ${type}
    flags interval
    elements = { ${elements.join(', ')} }
  }`;
}

function inputChain(plan: FirewallPlan): string {
  const rules = plan.inbound.flatMap((rule) => {
    const end = `tcp dport ${rule.port} counter accept comment "${inboundComment(rule, COMMENT_MAX)}"`;
    return [
      ...(plan.internal4.length === 0 ? [] : [`ip saddr @internal4 ${end}`]),
      ...(plan.internal6.length === 0 ? [] : [`ip6 saddr @internal6 ${end}`]),
    ];
  });
  return chain('input', [
    'ct state vmap { established : accept, related : accept, invalid : drop }',
    'iifname "lo" accept',
    '# IPv6 does not work without neighbor discovery (RFC 4890 section 4.4.1).',
    'icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept',
    'meta l4proto { icmp, icmpv6 } limit rate 10/second accept comment "ping"',
    ...rules,
    'counter drop',
  ]);
}

function outputChain(plan: FirewallPlan): string {
  return chain('output', [
    'ct state established,related accept',
    'oifname "lo" accept',
    'icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept',
    'meta l4proto { icmp, icmpv6 } limit rate 10/second accept comment "ping"',
    ...plan.outbound.flatMap(outputRules),
    '# An answer at once, so that nothing waits for a timeout.',
    'counter reject with icmpx admin-prohibited',
  ]);
}

function outputRules(rule: OutboundRule): readonly string[] {
  const comment = outboundComment(rule, COMMENT_MAX);
  const end = `${rule.transport} dport ${rule.port} counter accept comment "${comment}"`;
  if (isAnywhere(rule)) return [end];
  return [
    ...(rule.to4.length === 0 ? [] : [`ip daddr { ${rule.to4.join(', ')} } ${end}`]),
    ...(rule.to6.length === 0 ? [] : [`ip6 daddr { ${rule.to6.join(', ')} } ${end}`]),
  ];
}

function chain(hook: 'input' | 'output', rules: readonly string[]): string {
  const body = rules.map((rule) => `    ${rule}`).join('\n');
  return `  chain ${hook} {\n    type filter hook ${hook} priority filter; policy drop;\n${body}\n  }`;
}
