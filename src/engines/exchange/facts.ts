import type { DoorName, FileType, FileVerdict, Verdict } from '../../kernel/index.ts';
import { type CanonicalUrl, canonicalUrl } from '../../protocols/url/index.ts';
import { FACT, type PolicyFacts } from '../policy/index.ts';
import { scansOnRequest } from './doors.ts';
import { fileNameOf } from './file-name.ts';

/** Fields of one message: the value of the first field of a lower-case name. */
export interface FieldSource {
  get(lowerName: string): string | undefined;
}

/** What is known of URLs: `prepare` first, and wait where it says so; it never rejects. */
export interface UrlVerdicts {
  evaluateUrl(url: CanonicalUrl): Verdict;
  prepare?(url: CanonicalUrl): Promise<void> | undefined;
}

/** What a door knows when a request has come in. */
export interface SeenRequest {
  readonly door: DoorName;
  /** Address of the client. */
  readonly source: string;
  readonly user: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly nowMs: number;
  readonly method: string;
  /** Of a tunnel: its host and port, with the path `/`. */
  readonly url: CanonicalUrl;
  readonly fields: FieldSource | undefined;
  readonly verdicts: UrlVerdicts;
  /** Announced length of the request's body; `undefined`: none, or not known. */
  readonly bytes?: number | undefined;
  /** Bits of `FACT` that the door may still learn. */
  readonly later: number;
}

/**
 * One exchange as policy sees it, whatever carried it: made by a door when the request has come in, filled in as
 * more is known, and asked about again in each phase.
 */
export class ExchangeFacts implements PolicyFacts {
  readonly door: DoorName;
  readonly source: string;
  readonly user: string | undefined;
  readonly groups: readonly string[] | undefined;
  readonly nowMs: number;
  readonly method: string;
  readonly url: CanonicalUrl;
  readonly host: string;
  readonly path: string | undefined;
  later: number;
  status: number | undefined = undefined;
  bytes: number | undefined;
  fileType: FileType | undefined = undefined;
  file: FileVerdict | undefined = undefined;
  passIncomplete: boolean | undefined = undefined;
  readonly scansOnRequest: boolean;
  readonly #verdicts: SeenRequest['verdicts'];
  #request: FieldSource | undefined;
  #response: FieldSource | undefined = undefined;
  #verdict: Verdict | undefined = undefined;
  #fileName: string | undefined = undefined;
  #hasFileName = false;

  constructor(seen: SeenRequest) {
    const { url } = seen;
    this.door = seen.door;
    this.scansOnRequest = scansOnRequest(seen.door);
    this.source = seen.source;
    this.user = seen.user;
    this.groups = seen.groups;
    this.nowMs = seen.nowMs;
    this.method = seen.method;
    this.url = url;
    this.host = url.host.charCodeAt(0) === 0x5b ? url.host.slice(1, -1) : url.host;
    this.path = seen.method === 'CONNECT' ? undefined : url.path;
    this.bytes = seen.bytes;
    this.later = seen.later;
    this.#verdicts = seen.verdicts;
    this.#request = seen.fields;
  }

  get scheme(): string {
    return this.url.scheme;
  }

  get port(): number {
    return this.url.port;
  }

  get query(): string | undefined {
    return this.path === undefined ? undefined : this.url.query;
  }

  get fileName(): string | undefined {
    if (!this.#hasFileName) {
      this.#fileName = fileNameOf(this.responseField('content-disposition'), this.path);
      this.#hasFileName = true;
    }
    return this.#fileName;
  }

  /**
   * Has others asked about the URL, where they must be before it is decided about; `undefined`, nearly always: nothing to
   * wait for. Fields of the codec stay valid meanwhile, as nothing is read.
   */
  prepare(): Promise<void> | undefined {
    return this.#verdicts.prepare?.(this.url);
  }

  verdict(): Verdict {
    return (this.#verdict ??= this.#verdicts.evaluateUrl(this.url));
  }

  requestField(name: string): string | undefined {
    return this.#request?.get(name);
  }

  responseField(name: string): string | undefined {
    return this.#response?.get(name);
  }

  /** The same request, to be filled in by itself. */
  copy(): ExchangeFacts {
    const { door, source, user, groups, nowMs, method, url, bytes, later } = this;
    const verdicts = { evaluateUrl: () => this.verdict() };
    const fields = this.#request;
    return new ExchangeFacts({
      door,
      source,
      user,
      groups,
      nowMs,
      method,
      url,
      fields,
      verdicts,
      bytes,
      later,
    });
  }

  /** Copies the fields that later phases may ask for: those of a codec are gone with its next read. */
  keep(names: readonly string[]): void {
    this.#request = copyOf(this.#request, names);
  }

  /** The same for the response. */
  keepResponse(names: readonly string[]): void {
    this.#response = copyOf(this.#response, names);
  }

  /** The head of the final response is there. */
  answered(status: number, fields: FieldSource, bytes: number | undefined): void {
    this.status = status;
    this.bytes = bytes;
    this.#response = fields;
    this.fileType = undefined;
    this.file = undefined;
    this.#hasFileName = false;
    this.later &= ~(FACT['response-head'] | FACT['request-head'] | FACT.url);
    if (bytes !== undefined) this.later &= ~FACT.size;
  }

  /** A body has been scanned, or at least begun; `isLast`: no other body follows in this exchange. */
  scanned(found: { readonly type?: FileType; readonly file?: FileVerdict }, isLast: boolean): void {
    this.fileType = found.file?.type ?? found.type;
    this.file = found.file;
    if (found.file !== undefined) this.bytes = found.file.bytes;
    if (!isLast) return;
    this.later &= ~FACT['file-type'];
    if (found.file !== undefined) this.later &= ~(FACT['file-verdict'] | FACT.size);
  }
}

function copyOf(fields: FieldSource | undefined, names: readonly string[]): FieldSource {
  return new Map(names.flatMap((name) => pairOf(name, fields?.get(name))));
}

function pairOf(name: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[name, value]];
}

/**
 * The facts of a request that is seen as method, URL and fields, as ICAP and `explain` have it. A CONNECT may name
 * only `host:port`. `undefined`: the URL cannot be read, and what lists cannot read must not pass by them.
 */
export function factsOf(
  seen: Omit<SeenRequest, 'url'> & { readonly url: string },
): ExchangeFacts | undefined {
  const isTunnel = seen.method === 'CONNECT';
  const text = isTunnel && !seen.url.includes('://') ? `https://${seen.url}` : seen.url;
  const url = canonicalUrl(text);
  if (url === undefined) return undefined;
  const place = isTunnel ? canonicalUrl(`https://${url.host}:${url.port}/`) : url;
  return place === undefined ? undefined : new ExchangeFacts({ ...seen, url: place });
}
