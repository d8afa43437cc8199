import { parseNetwork, type Network } from './address.ts';

/**
 * One destination as operators write it: `*.example.com`, `www.example.com`, `10.0.0.0/8`, `2001:db8::1`,
 * each with an optional `:port` or `:from-to`. IPv6 with a port stands in brackets: `[2001:db8::/32]:443`.
 */
export interface DestinationPattern {
  readonly text: string;
  readonly kind: 'suffix' | 'host' | 'network';
  /** Lower case, without `*.` and without a final dot; empty for a network. */
  readonly host: string;
  readonly network: Network | undefined;
  /** `undefined`: every port. Both ends belong to the range. */
  readonly ports: { readonly from: number; readonly to: number } | undefined;
}

/** `undefined` when the text is no destination pattern. Host names are checked for form, not for IDNA. */
export function parseDestinationPattern(text: string): DestinationPattern | undefined {
  const [target, portText] = split(text);
  const ports = portText === undefined ? undefined : parsePorts(portText);
  if (portText !== undefined && ports === undefined) return undefined;
  const network = parseNetwork(target);
  if (network !== undefined) return { text, kind: 'network', host: '', network, ports };
  const kind = target.startsWith('*.') ? 'suffix' : 'host';
  const host = (kind === 'suffix' ? target.slice(2) : target).replace(/\.$/, '').toLowerCase();
  return isHostName(host) ? { text, kind, host, network: undefined, ports } : undefined;
}

/** RFC 1123 §2.1 form, with `_` as real names have it and letters beyond ASCII for IDNA. A name all of digits is none. */
export function isHostName(text: string): boolean {
  if (text.length === 0 || text.length > 253) return false;
  const labels = text.split('.');
  if (labels.some((label) => !/^[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_-]{0,61}[\p{L}\p{N}\p{M}_])?$/u.test(label)))
    return false;
  return !/^\d+$/.test(labels.at(-1) ?? '');
}

function split(text: string): [target: string, ports: string | undefined] {
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    const rest = text.slice(close + 1);
    if (close < 0 || (rest !== '' && !rest.startsWith(':'))) return ['', undefined];
    return [text.slice(1, close), rest === '' ? undefined : rest.slice(1)];
  }
  const colon = text.indexOf(':');
  // Two colons: an IPv6 address without a port.
  if (colon < 0 || text.includes(':', colon + 1)) return [text, undefined];
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function parsePorts(text: string): { readonly from: number; readonly to: number } | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : Number(match[2]);
  return from >= 1 && from <= to && to <= 65_535 ? { from, to } : undefined;
}
