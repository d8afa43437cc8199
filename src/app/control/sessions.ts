import type { Config } from '../../engines/config/index.ts';
import {
  accountsOf,
  type Authenticators,
  createSessionStore,
  type Revocations,
  type IdentityAdmin,
  serveSessions,
  Sessions,
  type SessionRow,
} from '../../engines/identity/index.ts';
import type { State } from '../../engines/state/index.ts';
import type { EventStore } from '../../engines/events/index.ts';
import type { GatewayEvent } from '../../engines/telemetry/index.ts';
import type { Clock, EdgeLinks, Log } from '../../kernel/index.ts';

export interface SessionSeam {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (count: number) => Uint8Array;
  readonly links: EdgeLinks;
  readonly state: State;
  readonly identity: IdentityAdmin;
  readonly authenticators: Authenticators;
  readonly revocations: Pick<Revocations, 'marks'>;
  readonly events: Pick<EventStore, 'add'>;
  readonly config: () => Config;
}

/** The sessions of the gateway, and everything that ends one. `sweep` is to be called several times in a minute. */
export async function openSessions(seam: SessionSeam): Promise<Sessions> {
  const { clock, log, links, state, identity, revocations } = seam;
  const failed = (error: unknown): void => log.error('sessions.not-told', { error });
  const tell = ({ outcome, ...entry }: Told): void => {
    const { user, source, reason, door } = entry;
    const details = { reason, door };
    const event: GatewayEvent = {
      timeMs: clock.now(),
      type: entry.type,
      severity: outcome === 'done' ? 'info' : 'warn',
      door,
      source,
      user,
      target: undefined,
      reason,
      details: {},
    };
    seam.events.add([event]);
    // Guessers would fill the audit, which is never cut: what they do is in the events.
    if (outcome === 'refused') return;
    const { actor } = entry;
    state.audit({ actor, source, action: entry.type, outcome, details: { ...details, user } }).catch(failed);
  };
  const run = Buffer.from(seam.random(8)).toString('hex');
  const sessions = new Sessions({
    clock,
    random: seam.random,
    limits: () => seam.config().sessions,
    store: createSessionStore(state),
    notKept: (error) => log.warn('sessions.not-kept', { error }),
    publish: (list, ended) => links.publish('sessions', { run, sessions: list, ended }),
    ended: (session, reason, actor) => tell({ ...ending(session), reason, actor, outcome: 'done' }),
  });
  await serveSessions({
    links,
    sessions,
    identity,
    secondFactor: (attempt) => seam.authenticators.secondFactor(attempt),
    signedIn: ({ user, source }, result) =>
      tell({
        type: result === 'ok' ? 'login.console' : 'login.refused',
        actor: user,
        user,
        source,
        door: 'api',
        reason: result,
        outcome: result === 'ok' ? 'done' : 'refused',
      }),
  });
  state.onChange(async () => {
    await sessions.reconcile(await accountsOf(identity));
    await sessions.revoke(await revocations.marks());
  });
  return sessions;
}

interface Told {
  readonly type: string;
  readonly actor: string;
  readonly user: string;
  readonly source: string;
  readonly door: 'api' | 'ssh';
  readonly reason: string;
  readonly outcome: 'done' | 'refused';
}

function ending({ kind, user, source }: SessionRow) {
  return { type: 'login.ended', user, source, door: kind === 'ssh' ? 'ssh' : 'api' } as const;
}
