import { block } from '../decision.ts';
import type { BuiltInRule } from './built-in.ts';

/** Judges an address literal; `undefined` for names and for addresses that may be reached. */
export type AddressGuard = (host: string, port: number) => 'own-socket' | 'special-address' | undefined;

/** Loopback, link-local, multicast and metadata addresses are refused unless `egress.allowDestinations` opens them. */
export function destinationAddress(guard: AddressGuard): BuiltInRule {
  const name = 'destination-address';
  return {
    name,
    decide({ host, port }) {
      const refusal = guard(host, port);
      if (refusal === undefined) return undefined;
      return refusal === 'own-socket'
        ? block(name, 'own-socket', `${host} port ${port} is a socket of the gateway itself`)
        : block(
            name,
            'special-address',
            `${host} is a special address that the gateway does not reach for clients`,
          );
    },
    whyNot: ({ host }) =>
      /[a-z]/i.test(host) && !host.includes(':')
        ? 'the destination is a name: its addresses are judged when they are known'
        : `${host} may be reached`,
  };
}
