import { randomBytes } from 'node:crypto';
import type { EventStore } from '../../engines/events/index.ts';
import {
  createRevocations,
  type Authenticators,
  type IdentityAdmin,
  type Revocations,
  type Sessions,
} from '../../engines/identity/index.ts';
import type { GatewayEvent } from '../../engines/telemetry/index.ts';
import { makeFirstAdmin, openAuthenticators, openIdentityAdmin } from './engines.ts';
import { openSessions } from './sessions.ts';
import type { Setting } from './setting.ts';
import { serveSetup } from './setup.ts';

/** Who may, how they show who they are, and who is signed in. */
export interface People {
  readonly identity: IdentityAdmin;
  readonly authenticators: Authenticators;
  readonly revocations: Revocations;
  readonly sessions: Sessions;
  /** What the operator should be told of the first account. */
  readonly notices: readonly string[];
}

export async function openPeople(
  { base, state, links, current, opened }: Setting,
  events: EventStore,
  first: { readonly password: string | undefined; readonly terminal: boolean },
): Promise<People> {
  const { clock, log, dataDir } = base;
  const banned = (who: { readonly user: string; readonly source: string }): void => {
    events.add([banEvent(who, clock.now())]);
  };
  const identity = openIdentityAdmin({ ...base, banned }, state, links, current);
  const notices = await makeFirstAdmin(identity, { dataDir, ...first });
  await identity.start();
  const authenticators = openAuthenticators(base, state, current);
  const revocations = createRevocations({ state, clock, settings: () => current().ssh });
  const sessions = await openSessions({
    clock,
    log,
    random: randomBytes,
    links,
    state,
    identity,
    authenticators,
    revocations,
    events,
    config: current,
  });
  opened.add(sessions, (all) => all.sweep());
  serveSetup(links, state);
  return { identity, authenticators, revocations, sessions, notices };
}

function banEvent(
  { user, source }: { readonly user: string; readonly source: string },
  timeMs: number,
): GatewayEvent {
  return {
    timeMs,
    type: 'login.banned',
    severity: 'warn',
    door: undefined,
    source,
    user,
    target: undefined,
    reason: 'too-many-failures',
    details: {},
  };
}
