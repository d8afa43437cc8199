import type { Child, ForkOptions } from '../../platform/index.ts';
import type { Role } from '../messages.ts';

type ChildRole = Exclude<Role, 'supervisor'>;
type Events = Pick<ForkOptions, 'onMessage' | 'onExit'>;
export type Fork = (role: ChildRole, events: Events) => Child;

/** Processes that were started before anybody knew what they will do. */
export interface Nursery {
  /** One of them, or a new one when there is none. */
  readonly fork: Fork;
  /** Ends those that nobody has taken. */
  close(): void;
}

/**
 * Starts processes ahead of time: they load their code on one core while the supervisor reads the
 * configuration on another (bench: a quarter of the start). They do nothing until they are told.
 */
export function createNursery(fork: Fork, roles: readonly ChildRole[]): Nursery {
  const waiting = new Map<Child, { readonly role: ChildRole; adopt(events: Events): void }>();
  for (const role of roles) {
    let adopted: Events | undefined;
    const child = fork(role, {
      onMessage: (message) => adopted?.onMessage(message),
      onExit: (why) => {
        waiting.delete(child);
        adopted?.onExit(why);
      },
    });
    waiting.set(child, {
      role,
      adopt: (events) => {
        adopted = events;
      },
    });
  }
  return {
    fork: (role, events) => {
      for (const [child, place] of waiting) {
        if (place.role !== role) continue;
        waiting.delete(child);
        place.adopt(events);
        return child;
      }
      return fork(role, events);
    },
    close: () => {
      for (const child of waiting.keys()) child.kill();
    },
  };
}
