import type { FieldTable } from '../../protocols/fields/index.ts';
import {
  editHead,
  RequestBlockReader,
  type RequestHead,
  ResponseBlockReader,
  type ResponseHead,
} from '../../protocols/http1/index.ts';
import type { BodySection, Encapsulation, IcapRequestHead } from '../../protocols/icap/index.ts';
import { editsOf } from '../../engines/exchange/index.ts';
import type { PolicyDecision } from '../../engines/policy/index.ts';

/**
 * The head that goes back to the client: that of the request in REQMOD, that of the response in RESPMOD. Views into
 * the wire until `keep`.
 */
export class MessageHeads {
  readonly message: 'request' | 'response';
  readonly body: BodySection;
  readonly #fieldsMax: number;
  #bytes: Uint8Array | undefined;
  #head: RequestHead | ResponseHead | undefined;

  constructor(head: IcapRequestHead, fieldsMax: number) {
    this.message = head.method === 'REQMOD' ? 'request' : 'response';
    this.body = head.body;
    this.#fieldsMax = fieldsMax;
    const block = this.message === 'request' ? head.request : head.response;
    this.#bytes = block?.bytes;
    this.#head = block?.head;
  }

  /** Copies the head: from now on it outlives reads of the wire. */
  keep(): void {
    if (this.#bytes === undefined) return;
    const bytes = Buffer.from(this.#bytes);
    this.#bytes = bytes;
    if (this.#head === undefined) return;
    const reader =
      this.message === 'request'
        ? new RequestBlockReader(this.#fieldsMax)
        : new ResponseBlockReader(this.#fieldsMax);
    reader.begin(bytes.length);
    this.#head = reader.scan(bytes, 0, bytes.length) === 'done' ? reader.take(bytes, 0).head : undefined;
  }

  get fields(): FieldTable | undefined {
    return this.#head?.fields;
  }

  /** What is encapsulated when nothing is changed, or with the changed head. */
  encapsulation(bytes: Uint8Array | undefined = this.#bytes): Encapsulation {
    return this.message === 'request'
      ? { request: bytes, body: this.body }
      : { response: bytes, body: this.body };
  }

  /** The head with the changes of the rules that fitted; `undefined`: there are none. */
  edited(decision: PolicyDecision): Uint8Array | undefined {
    if (this.#head === undefined) return undefined;
    const edits = editsOf(decision, this.message);
    return edits.drop.size === 0 ? undefined : editHead(this.#head, edits);
  }
}
