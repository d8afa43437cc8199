import { isToken, parseTokenList } from '../fields/index.ts';
import { parseLength } from '../http1/index.ts';
import type { IcapMethod } from './encapsulated.ts';
import { encodeAnswer } from './encode-response.ts';
import type { IcapResponseHead } from './head.ts';
import type { FieldLines } from './head-text.ts';

/** What a service says of itself in its answer to OPTIONS (RFC 3507 §4.10.2). */
export interface IcapOptions {
  readonly methods: readonly Exclude<IcapMethod, 'OPTIONS'>[];
  /** Vendor and product. */
  readonly service?: string | undefined;
  readonly serviceId?: string | undefined;
  readonly maxConnections?: number | undefined;
  /** How long the client may believe this; for ever when absent. */
  readonly ttlS?: number | undefined;
  readonly allows204: boolean;
  readonly allows206: boolean;
  /** Bytes of a body that the service wants to see first; none when absent. */
  readonly preview?: number | undefined;
  /** File extensions without dot; `*` stands for all others, in exactly one of the three lists when there are any. */
  readonly transferPreview?: readonly string[] | undefined;
  readonly transferIgnore?: readonly string[] | undefined;
  readonly transferComplete?: readonly string[] | undefined;
}

export interface OptionsAnswer extends IcapOptions {
  readonly istag: string;
  readonly fields: FieldLines;
  readonly keepAlive: boolean;
  /** Format of a body that the caller sends behind it as chunks; no body when absent. */
  readonly optBodyType?: string;
}

/** The answer to OPTIONS, as pieces to write together. */
export function encodeOptionsAnswer(answer: OptionsAnswer): Uint8Array[] {
  const fields: [string, string][] = [['Methods', answer.methods.join(', ')]];
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== '') fields.push([name, String(value)]);
  };
  add('Service', answer.service);
  add('Service-ID', answer.serviceId);
  add('Max-Connections', count(answer.maxConnections));
  add('Options-TTL', count(answer.ttlS));
  add('Allow', [answer.allows204 ? '204' : '', answer.allows206 ? '206' : ''].filter(Boolean).join(', '));
  add('Preview', count(answer.preview));
  const transfers = [answer.transferPreview, answer.transferIgnore, answer.transferComplete];
  const wildcards = transfers.flatMap((list) => list ?? []).filter((extension) => extension === '*');
  if (transfers.some((list) => list !== undefined) && wildcards.length !== 1) {
    throw new RangeError('one Transfer list holds the wildcard, and once');
  }
  add('Transfer-Preview', answer.transferPreview?.join(', '));
  add('Transfer-Ignore', answer.transferIgnore?.join(', '));
  add('Transfer-Complete', answer.transferComplete?.join(', '));
  if (answer.optBodyType !== undefined && !isToken(answer.optBodyType)) {
    throw new RangeError(`not a type of body: ${JSON.stringify(answer.optBodyType)}`);
  }
  add('Opt-body-type', answer.optBodyType);
  return encodeAnswer({
    status: 200,
    istag: answer.istag,
    fields: [...fields, ...answer.fields],
    keepAlive: answer.keepAlive,
    ...(answer.optBodyType === undefined ? {} : { encapsulated: { body: 'opt-body' } }),
  });
}

/** What a server said of itself. Whatever cannot be read is as if it was not said. */
export function readOptions(head: IcapResponseHead, membersMax: number): IcapOptions {
  const { fields } = head;
  const list = (name: string): readonly string[] | undefined =>
    fields.has(name) ? parseTokenList(fields.all(name).join(','), membersMax) : undefined;
  const number = (name: string): number | undefined => {
    const value = parseLength(fields.get(name) ?? '');
    return value < 0 ? undefined : value;
  };
  const methods = list('methods') ?? [];
  const allow = list('allow') ?? [];
  return {
    methods: (['REQMOD', 'RESPMOD'] as const).filter((method) => methods.includes(method.toLowerCase())),
    service: fields.get('service'),
    serviceId: fields.get('service-id'),
    maxConnections: number('max-connections'),
    ttlS: number('options-ttl'),
    allows204: allow.includes('204'),
    allows206: allow.includes('206'),
    preview: number('preview'),
    transferPreview: list('transfer-preview'),
    transferIgnore: list('transfer-ignore'),
    transferComplete: list('transfer-complete'),
  };
}

function count(value: number | undefined): number | undefined {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
    throw new RangeError(`not a number of things: ${value}`);
  }
  return value;
}
