import type { Clock } from '../../kernel/index.ts';

export interface SessionLimits {
  readonly sessionsMax: number;
  readonly sessionHashesMax: number;
  readonly sessionLifeMs: number;
}

/** Who made a session: shown to whoever fetches it. */
export interface SessionMaker {
  readonly source: string;
  readonly userAgent: string;
}

export interface SessionContent {
  readonly nx: readonly string[];
  readonly exist: readonly string[];
  readonly maker: SessionMaker;
  /** Hashes were left out, because it is full. */
  readonly isFull: boolean;
}

interface Session {
  readonly maker: SessionMaker;
  readonly nx: Set<string>;
  readonly exist: Set<string>;
  endsAtMs: number;
  isFull: boolean;
}

/**
 * The hashes that somebody has looked up under a name, known and unknown ones apart. A session ends a set time
 * after it was made; making it again makes it live longer and keeps what it has, as hashlookup-server does.
 */
export class Sessions {
  readonly #limits: () => SessionLimits;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Session>();

  constructor(limits: () => SessionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** False: there are as many as may be. */
  make(name: string, maker: SessionMaker): boolean {
    const { sessionsMax, sessionLifeMs } = this.#limits();
    const endsAtMs = this.#clock.now() + sessionLifeMs;
    const known = this.#find(name);
    if (known !== undefined) {
      known.endsAtMs = endsAtMs;
      return true;
    }
    this.#forgetEnded();
    if (this.#sessions.size >= sessionsMax) return false;
    this.#sessions.set(name, { maker, nx: new Set(), exist: new Set(), endsAtMs, isFull: false });
    return true;
  }

  /** A session that nobody has made takes nothing. */
  add(name: string, found: { readonly nx: readonly string[]; readonly exist: readonly string[] }): void {
    const session = this.#find(name);
    if (session === undefined) return;
    const { sessionHashesMax } = this.#limits();
    for (const kind of ['nx', 'exist'] as const) {
      for (const hash of found[kind]) {
        const isKnown = session[kind].has(hash);
        if (!isKnown && session.nx.size + session.exist.size >= sessionHashesMax) session.isFull = true;
        else session[kind].add(hash);
      }
    }
  }

  content(name: string): SessionContent | undefined {
    const session = this.#find(name);
    if (session === undefined) return undefined;
    const { nx, exist, maker, isFull } = session;
    return { nx: [...nx], exist: [...exist], maker, isFull };
  }

  #find(name: string): Session | undefined {
    const session = this.#sessions.get(name);
    if (session === undefined || session.endsAtMs > this.#clock.now()) return session;
    this.#sessions.delete(name);
    return undefined;
  }

  #forgetEnded(): void {
    const now = this.#clock.now();
    for (const [name, { endsAtMs }] of this.#sessions) if (endsAtMs <= now) this.#sessions.delete(name);
  }
}
