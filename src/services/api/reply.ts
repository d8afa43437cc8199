import type { WebAnswer } from '../../engines/web/index.ts';

/** A document with more than a document: what `run` gives when it has fields or an answer of its own. */
export class Reply {
  readonly document: unknown;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly answer: WebAnswer | undefined;

  constructor(
    document: unknown,
    { fields = [], answer }: { readonly fields?: Reply['fields']; readonly answer?: WebAnswer } = {},
  ) {
    this.document = document;
    this.fields = fields;
    this.answer = answer;
  }
}
