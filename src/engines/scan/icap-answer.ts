import { createHash } from 'node:crypto';
import type { IcapResponseHead } from '../../protocols/icap/index.ts';

export type IcapAnswer =
  | { readonly kind: 'clean' }
  | { readonly kind: 'found'; readonly name: string }
  /** It answered, and not with an opinion. */
  | { readonly kind: 'refused'; readonly detail: string };

const NAME_CHARS_MAX = 200;

/**
 * What an answer to RESPMOD says of the file. Products name what they found in fields of their own, which became common:
 * `X-Infection-Found` and `X-Violations-Found` (draft-stecher-icap-subid §4), `X-Virus-ID` of Symantec. Without them the message
 * says it: another status than 200, or another body, is no message that was left as it is.
 */
export async function readIcapAnswer(
  head: IcapResponseHead,
  sha256: string,
  body: () => Promise<Uint8Array | undefined>,
): Promise<IcapAnswer> {
  const { status, reason } = head;
  const name = threatIn(head);
  const inner = head.response?.head?.status;
  const hash = createHash('sha256');
  for (let piece = await body(); piece !== undefined; piece = await body()) hash.update(piece);
  if (status === 204) return name === undefined ? { kind: 'clean' } : { kind: 'found', name };
  if (status !== 200) return { kind: 'refused', detail: `ICAP ${status} ${reason}`.trim() };
  if (name !== undefined) return { kind: 'found', name };
  if (inner !== undefined && inner !== 200) return { kind: 'found', name: `blocked with ${inner}` };
  return hash.digest('hex') === sha256 ? { kind: 'clean' } : { kind: 'found', name: 'replaced' };
}

function threatIn({ fields }: IcapResponseHead): string | undefined {
  const infection = fields.get('x-infection-found');
  const threat = infection === undefined ? undefined : /Threat=([^;]+)/i.exec(infection)?.[1];
  // A number, then four parts for each: file, threat, identification, what was done.
  const violations = fields.get('x-violations-found')?.trim();
  const isViolation = violations !== undefined && !/^0?$/.test(violations.split(/\s+/, 1)[0] ?? '');
  const name = threat ?? fields.get('x-virus-id') ?? infection ?? (isViolation ? violations : undefined);
  if (name === undefined) return undefined;
  return name.replaceAll(/\s+/g, ' ').trim().slice(0, NAME_CHARS_MAX) || 'unnamed';
}
