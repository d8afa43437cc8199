import type { FieldTable } from '../fields/index.ts';
import type { RequestBlock, ResponseBlock } from '../http1/index.ts';
import type { BodySection, IcapMethod } from './encapsulated.ts';
import type { ServiceAddress } from './target.ts';

/**
 * A checked ICAP head and the heads that it encapsulates. Its texts may be kept; bytes and fields may not be used after
 * the next `receive` of the decoder or the next read of the wire, whichever comes first.
 */
export interface IcapHead {
  /** The ICAP head with its blank line. */
  readonly bytes: Uint8Array;
  readonly fields: FieldTable;
  /** Whether the connection may carry another message after this one (RFC 3507 §4.1, as in HTTP/1.1). */
  readonly keepAlive: boolean;
  /** The encapsulated request head. */
  readonly request: RequestBlock | undefined;
  /** The encapsulated response head. */
  readonly response: ResponseBlock | undefined;
  /** What the body that follows is; `null-body`: there is none. */
  readonly body: BodySection;
}

export interface IcapRequestHead extends IcapHead {
  readonly method: IcapMethod;
  /** As received. */
  readonly target: string;
  readonly address: ServiceAddress;
  /** The number in Preview. Where there is a body, `preview-end` follows at most so many bytes of it. */
  readonly preview: number | undefined;
  /** What the client takes back besides a whole message: from Allow. An unreadable Allow allows nothing. */
  readonly allows204: boolean;
  readonly allows206: boolean;
  readonly allowsTrailers: boolean;
}

export interface IcapResponseHead extends IcapHead {
  /** 100–599. */
  readonly status: number;
  /** May be empty. */
  readonly reason: string;
  /** Without its quotes. */
  readonly istag: string | undefined;
  /** 1xx: the final response is still to come. */
  readonly informational: boolean;
}
