import { azureNsg } from './azure-nsg.ts';
import { firewalld } from './firewalld.ts';
import { iptables } from './iptables.ts';
import { json } from './json.ts';
import { nftables } from './nftables.ts';
import type { FirewallPlan } from './plan.ts';
import { terraformAws } from './terraform-aws.ts';
import { ufw } from './ufw.ts';
import { windows } from './windows.ts';

export const FIREWALL_FORMATS = [
  'nftables',
  'iptables',
  'ufw',
  'firewalld',
  'terraform-aws',
  'azure-nsg',
  'windows',
  'json',
] as const;

export type FirewallFormat = (typeof FIREWALL_FORMATS)[number];

const WRITERS: Readonly<Record<FirewallFormat, (plan: FirewallPlan) => string>> = {
  nftables,
  iptables,
  ufw,
  firewalld,
  'terraform-aws': terraformAws,
  'azure-nsg': azureNsg,
  windows,
  json,
};

/** The plan in the language of one firewall. Ends with a line end. */
export function firewallText(format: FirewallFormat, plan: FirewallPlan): string {
  return WRITERS[format](plan);
}
