import { PORT_TABLE } from '../../kernel/index.ts';

/** Where an ICAP service is. */
export interface IcapAddress {
  /** An IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** Of `icap://host[:port]/service` or `icaps://…` (RFC 3507 §4.2); `undefined`: it is none. */
export function icapAddress(text: string): IcapAddress | undefined {
  if (!/^icaps?:\/\/[\x21-\x7e]+$/.test(text) || text.includes('#') || text.includes('@')) return undefined;
  const url = URL.parse(text);
  if (url === null || url.hostname === '') return undefined;
  const isTls = url.protocol === 'icaps:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? usualPort(isTls) : Number(url.port),
    isTls,
  };
}

/** Those of ICAP are everybody's. */
function usualPort(isTls: boolean): number {
  return PORT_TABLE.find(({ key }) => key === (isTls ? 'icaps' : 'icap'))?.port ?? 0;
}
