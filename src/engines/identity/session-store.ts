import type { State, StateTransaction } from '../state/index.ts';
import { isRole } from './scopes.ts';
import type { SharedSession } from './session.ts';

/** A session that outlives the process: somebody shows its secret again. */
export interface KeptSession extends SharedSession {
  readonly hash: string;
  readonly endsAtMs: number;
  /** Of the password that it began with. */
  readonly passwordAtMs: number | undefined;
}

/** Where sessions are while control is not. */
export interface SessionStore {
  load(): Promise<readonly KeptSession[]>;
  /** Known here at once, written by the next `flush`; `undefined`: it is over. */
  note(id: string, session: KeptSession | undefined): void;
  /** Rejects with STATE_*: what was not written is written by the next one. */
  flush(): Promise<void>;
}

export function createSessionStore(state: Pick<State, 'read' | 'note'>): SessionStore {
  return new StoredSessions(state);
}

class StoredSessions implements SessionStore {
  readonly #state: Pick<State, 'read' | 'note'>;
  #waiting = new Map<string, KeptSession | undefined>();
  #flushing: Promise<void> = Promise.resolve();

  constructor(state: Pick<State, 'read' | 'note'>) {
    this.#state = state;
  }

  load(): Promise<readonly KeptSession[]> {
    return this.#state.read(readSessions);
  }

  note(id: string, session: KeptSession | undefined): void {
    this.#waiting.set(id, session);
  }

  flush(): Promise<void> {
    const turn = this.#flushing.then(() => this.#write());
    this.#flushing = turn.catch(() => undefined);
    return turn;
  }

  async #write(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const writing = this.#waiting;
    this.#waiting = new Map();
    try {
      await this.#state.note(async (tx) => {
        for (const [id, session] of writing) await writeSession(tx, id, session);
      });
    } catch (error) {
      // A session that was ended must not be there again after a crash, whatever the disk was like for a while.
      this.#waiting = new Map([...writing, ...this.#waiting]);
      throw error;
    }
  }
}

async function writeSession(
  tx: StateTransaction,
  id: string,
  session: KeptSession | undefined,
): Promise<void> {
  if (session === undefined) {
    await tx.deleteFrom('sessions').where('id', '=', id).execute();
    return;
  }
  const row = {
    id,
    hash: session.hash,
    user: session.user,
    role: session.role,
    source: session.source,
    started_at_ms: session.startedAtMs,
    last_seen_at_ms: session.lastSeenAtMs,
    ends_at_ms: session.endsAtMs,
    password_at_ms: session.passwordAtMs ?? null,
  };
  await tx
    .insertInto('sessions')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ last_seen_at_ms: row.last_seen_at_ms, password_at_ms: row.password_at_ms }),
    )
    .execute();
}

async function readSessions(tx: StateTransaction): Promise<readonly KeptSession[]> {
  const rows = await tx.selectFrom('sessions').selectAll().execute();
  return rows.flatMap((row) =>
    // A role that a newer version knows signs nobody in here.
    isRole(row.role)
      ? [
          {
            id: row.id,
            kind: 'console' as const,
            user: row.user,
            role: row.role,
            source: row.source,
            startedAtMs: row.started_at_ms,
            lastSeenAtMs: row.last_seen_at_ms,
            hash: row.hash,
            endsAtMs: row.ends_at_ms,
            passwordAtMs: row.password_at_ms ?? undefined,
          },
        ]
      : [],
  );
}
