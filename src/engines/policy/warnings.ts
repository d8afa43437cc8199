import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Somebody has read a warning and gone on. */
export interface Grant {
  readonly rule: string;
  /** User, else source address. */
  readonly subject: string;
  readonly untilMs: number;
}

export const GRANT_MS = 24 * 3_600_000;
/** A page that was open for longer is shown anew. */
const TOKEN_MS = 15 * 60_000;
const TOKEN_BYTES_MAX = 12_288;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Path on the site itself: the only place where a proxy can put a link for a plain HTTP page. */
export const CONTINUE_PATH = '/.sallyport/continue';

/** What a page of a warning carries, encrypted: its link stands in logs, and the URL may hold what must not. */
export interface Ticket {
  readonly rule: string;
  readonly subject: string;
  /** Where the person was going. */
  readonly url: string;
  readonly untilMs: number;
}

/** Tells the rest of the gateway; resolves when every edge knows. */
export type TellGrant = (grant: Grant) => Promise<void>;

/** Who has gone on past which warning. Each edge has a copy; control keeps the list. */
export class Warnings {
  readonly #tell: TellGrant;
  #key: Uint8Array | undefined;
  #grants: ReadonlyMap<string, number> = new Map();

  constructor(tell: TellGrant) {
    this.#tell = tell;
  }

  /** The key of 32 bytes that seals tickets: of this run of control, the same in all edges. */
  useKey(key: Uint8Array): void {
    this.#key = key;
  }

  use(grants: readonly Grant[]): void {
    this.#grants = new Map(grants.map((grant) => [keyOf(grant), grant.untilMs]));
  }

  has(rule: string, subject: string, nowMs: number): boolean {
    return this.#grants.size > 0 && (this.#grants.get(keyOf({ rule, subject })) ?? 0) > nowMs;
  }

  /** Path and query of the link to go on; `undefined`: there is no key yet, or the URL is too long. */
  link(ticket: Omit<Ticket, 'untilMs'>, nowMs: number): string | undefined {
    if (this.#key === undefined) return undefined;
    const sealed = seal(this.#key, JSON.stringify({ ...ticket, untilMs: nowMs + TOKEN_MS }));
    return sealed.length > TOKEN_BYTES_MAX ? undefined : `${CONTINUE_PATH}?t=${sealed}`;
  }

  /** The ticket of a link, when it is ours, fresh and of this subject. */
  read(pathAndQuery: string, subject: string, nowMs: number): Ticket | undefined {
    if (this.#key === undefined || pathAndQuery.length > TOKEN_BYTES_MAX + 256) return undefined;
    const sealed = /^[^?]*\?t=([\w-]+)$/.exec(pathAndQuery)?.[1];
    const text = sealed === undefined ? undefined : unseal(this.#key, sealed);
    if (text === undefined) return undefined;
    // Only `link` seals, and it seals tickets.
    const ticket = JSON.parse(text) as Ticket;
    return ticket.subject === subject && ticket.untilMs > nowMs ? ticket : undefined;
  }

  /** Remembers it everywhere. */
  grant({ rule, subject }: Ticket, nowMs: number): Promise<void> {
    return this.#tell({ rule, subject, untilMs: nowMs + GRANT_MS });
  }
}

/** AES-256-GCM with its nonce before and its tag behind (NIST SP 800-38D); a key lives as long as control. */
function seal(key: Uint8Array, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
}

/** `undefined`: we have not sealed that. */
function unseal(key: Uint8Array, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  cipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), cipher.final()]).toString();
  } catch {
    // The tag is not that of this text and key.
    return undefined;
  }
}

function keyOf({ rule, subject }: Pick<Grant, 'rule' | 'subject'>): string {
  return `${rule}\n${subject}`;
}

/** Whom a warning or a rate is counted for. */
export function subjectOf(facts: { readonly user: string | undefined; readonly source: string }): string {
  return facts.user === undefined ? `source ${facts.source}` : `user ${facts.user}`;
}
