import { hostname, networkInterfaces } from 'node:os';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { formatAddress, isHostName, parseAddress } from '../../kernel/index.ts';

/** What this machine is called and reached under. */
export interface Machine {
  readonly hostName: string;
  readonly addresses: readonly string[];
}

export function thisMachine(): Machine {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return { hostName: hostname(), addresses: addresses.map(({ address }) => address) };
}

/** Certificates grow with their names, and each handshake carries them. */
const NAMES_MAX = 100;
const LINK_LOCAL = /^fe[89ab][0-9a-f]:/i;

/**
 * All names of the server certificate: what the operator added, the machine's name, loopback, its addresses.
 * Link-local addresses are left out: a client names them with a zone, which no certificate holds.
 */
export function serverNames(machine: Machine, added: readonly string[]): readonly string[] {
  const texts = [...added, machine.hostName, 'localhost', '127.0.0.1', '::1', ...machine.addresses];
  const names = texts.flatMap((text) => {
    const address = parseAddress(text);
    if (address !== undefined) return LINK_LOCAL.test(text) ? [] : [formatAddress(address)];
    const name = domainToASCII(text.replace(/\.$/, '')).toLowerCase();
    return isHostName(name) && isIP(name) === 0 ? [name] : [];
  });
  return [...new Set(names)].slice(0, NAMES_MAX);
}
