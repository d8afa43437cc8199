import type { AccessEntry } from '../../engines/telemetry/index.ts';
import type { WebRequest } from '../../engines/web/index.ts';

export type RequestNote = Partial<Pick<AccessEntry, 'bytesIn' | 'user' | 'decision' | 'rule' | 'reason'>>;

/** What the access log should say of a request besides what the request and its answer say themselves. */
export class RequestNotes {
  readonly #notes = new WeakMap<WebRequest, RequestNote>();

  /** Adds to what is noted already. */
  set(request: WebRequest, note: RequestNote): void {
    this.#notes.set(request, { ...this.#notes.get(request), ...note });
  }

  of(request: WebRequest): RequestNote | undefined {
    return this.#notes.get(request);
  }
}
