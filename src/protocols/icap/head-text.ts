import { isToken, safeValue } from '../fields/index.ts';
import type { BodySection } from './encapsulated.ts';

/** Names and values; characters that no value may hold become spaces, so no value adds a line. */
export type FieldLines = readonly (readonly [name: string, value: string])[];

/** What a message carries: heads whole, each with its blank line, and which body follows. */
export interface Encapsulation {
  readonly request?: Uint8Array | undefined;
  readonly response?: Uint8Array | undefined;
  readonly body: BodySection;
}

export const NOTHING_ENCAPSULATED: Encapsulation = { body: 'null-body' };

/** Fields that we write ourselves: each of them twice would have two meanings. */
const OURS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'encapsulated',
  'istag',
  'transfer-encoding',
]);

/** `written`: lower-case names of more fields that the caller writes itself. */
export function fieldLines(fields: FieldLines, written: readonly string[] = []): string {
  let text = '';
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (!isToken(name) || OURS.has(lower) || written.includes(lower)) {
      throw new RangeError(`not a field name to add: ${JSON.stringify(name)}`);
    }
    text += `${name}: ${safeValue(value)}\r\n`;
  }
  return text;
}

/** RFC 3507 §4.4.1. */
export function encapsulatedLine(encapsulation: Encapsulation): string {
  const { request, response, body } = encapsulation;
  let offset = 0;
  let text = 'Encapsulated: ';
  if (request !== undefined) {
    text += 'req-hdr=0, ';
    offset += request.length;
  }
  if (response !== undefined) {
    text += `res-hdr=${offset}, `;
    offset += response.length;
  }
  return `${text}${body}=${offset}\r\n`;
}

/** The ICAP head and what it encapsulates, as pieces to write together; heads are not copied. */
export function headPieces(text: string, encapsulation: Encapsulation): Uint8Array[] {
  const pieces: Uint8Array[] = [Buffer.from(text, 'latin1')];
  if (encapsulation.request !== undefined) pieces.push(encapsulation.request);
  if (encapsulation.response !== undefined) pieces.push(encapsulation.response);
  return pieces;
}
