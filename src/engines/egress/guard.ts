import { embeddedIpv4, formatAddress, NetworkSet, parseAddress, type Address } from '../../kernel/index.ts';
import { isPublicAddress } from './public-address.ts';

/** A socket of the gateway itself. */
export interface OwnSocket {
  /** `0.0.0.0` and `::` mean every address of the machine. */
  readonly address: string;
  readonly port: number;
}

/** Why a destination is refused: `own-socket` cannot be opened by any setting. */
export type GuardRefusal = 'own-socket' | 'special-address';

/** `public`: only the Internet, and what a setting opens by name. */
export type Reach = 'any' | 'public';

/**
 * Destinations that a proxy must not reach for its clients (server-side request forgery): this host,
 * link-local, multicast, broadcast, and the metadata services of clouds. Sources: RFC 6890, RFC 4291;
 * 169.254.169.254 (link-local), fd00:ec2::254 (AWS), 100.100.100.200 (Alibaba).
 */
const REFUSED = new NetworkSet([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '100.100.100.200/32',
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::254/128',
]);

const LOOPBACK = new NetworkSet(['127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128']);
const ANY = new Set(['0.0.0.0', '::']);

const JUDGED_MAX = 1024;

interface Judged {
  readonly address: Address | undefined;
  readonly special: boolean;
  /** No address of the Internet, and not opened by a setting. */
  readonly isPrivate: boolean;
}

export class DestinationGuard {
  readonly #allowed: NetworkSet;
  readonly #own: readonly OwnSocket[];
  readonly #machine: ReadonlySet<string>;
  readonly #judged = new Map<string, Judged>();

  /** `machine`: the addresses of this machine's interfaces. */
  constructor(allowed: readonly string[], own: readonly OwnSocket[], machine: readonly string[]) {
    this.#allowed = new NetworkSet(allowed);
    this.#own = own;
    this.#machine = new Set(machine.map(canonical));
  }

  /** Judges the very address that will be connected to. */
  check(text: string, port: number): GuardRefusal | undefined {
    const { address, special } = this.#judged.get(text) ?? this.#judge(text);
    if (address !== undefined && this.#isOwn(address, port)) return 'own-socket';
    return special ? 'special-address' : undefined;
  }

  /** The same for whoever may only reach so far. */
  checkReach(text: string, port: number, reach: Reach): GuardRefusal | 'private-address' | undefined {
    const refusal = this.check(text, port);
    if (refusal !== undefined || reach === 'any') return refusal;
    const { isPrivate } = this.#judged.get(text) ?? this.#judge(text);
    return isPrivate ? 'private-address' : undefined;
  }

  /** Without the port, so that the few addresses of a busy hour are judged once. */
  #judge(text: string): Judged {
    const literal = parseAddress(text);
    const address = literal === undefined ? undefined : (embeddedIpv4(literal) ?? literal);
    const special = address === undefined || (REFUSED.has(address) && !this.#allowed.has(address));
    const isPrivate = address !== undefined && !isPublicAddress(address) && !this.#allowed.has(address);
    const judged = { address, special, isPrivate };
    if (this.#judged.size >= JUDGED_MAX) this.#judged.clear();
    this.#judged.set(text, judged);
    return judged;
  }

  #isOwn(address: Address, port: number): boolean {
    for (const own of this.#own) {
      if (own.port !== port) continue;
      const text = formatAddress(address);
      if (own.address === text) return true;
      if (ANY.has(own.address) && (LOOPBACK.has(address) || this.#machine.has(text))) return true;
      // 0.0.0.0 as a destination is this host.
      if (ANY.has(text)) return true;
    }
    return false;
  }
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
