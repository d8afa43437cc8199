import type { Health, PartReport } from '../../kernel/index.ts';
import type { Facts, ProcessFact } from '../messages.ts';

/** What an edge answers when control asks how it is. */
export interface EdgeReport {
  readonly connections: number;
  readonly services: readonly { readonly door: string; readonly health: Health }[];
}

interface Heard {
  readonly doors: ReadonlyMap<string, Health>;
  /** Monotonic; also of a process that was never heard, from when it was known. */
  readonly atMs: number;
}

/**
 * What the processes with doors have said last. One that is busy for a moment is as it was: it is not well only when it
 * does not answer for `silentMs`. Processes that drain do not count: what they serve is of a configuration that was.
 */
export class DoorReports {
  #heard: ReadonlyMap<number, Heard> = new Map();

  /** Parts: the roles of the process tree, then the doors. */
  observe(
    facts: Facts | undefined,
    answers: ReadonlyMap<number, EdgeReport>,
    { nowMs, silentMs }: { readonly nowMs: number; readonly silentMs: number },
  ): readonly PartReport[] {
    const ready = (facts?.processes ?? []).filter(
      ({ role, state }) => state === 'ready' && (role === 'edge' || role === 'admin'),
    );
    const pids = new Set(facts === undefined ? answers.keys() : ready.map(({ pid }) => pid));
    this.#heard = new Map([...pids].map((pid) => [pid, this.#heardOf(pid, answers.get(pid), nowMs)]));
    const silent = new Set(
      [...this.#heard].flatMap(([pid, { atMs }]) => (nowMs - atMs >= silentMs ? [pid] : [])),
    );
    return [...processReports(facts, silent), ...this.#doors()];
  }

  /** Without processes of their own (`--edges 0`) all have one number: doors of both are kept. */
  #heardOf(pid: number, answer: EdgeReport | undefined, nowMs: number): Heard {
    const before = this.#heard.get(pid);
    if (answer === undefined) return before ?? { doors: new Map(), atMs: nowMs };
    const said = answer.services.map(({ door, health }) => [door, health] as const);
    return { doors: new Map([...(before?.doors ?? []), ...said]), atMs: nowMs };
  }

  /** A door is as healthy as it is in its worst edge. */
  #doors(): readonly PartReport[] {
    const worst = new Map<string, Health>();
    for (const [pid, { doors }] of this.#heard) {
      for (const [door, health] of doors) {
        const before = worst.get(door);
        if (before !== undefined && RANK[health.state] <= RANK[before.state]) continue;
        worst.set(
          door,
          health.state === 'ok' ? health : { ...health, reason: `edge ${pid}: ${health.reason}` },
        );
      }
    }
    return [...worst].map(([part, health]) => ({ part, health }));
  }
}

const RANK = { ok: 0, degraded: 1, down: 2 };

/** One part a role. One process of several that is away makes it degraded: the others serve. */
function processReports(facts: Facts | undefined, silent: ReadonlySet<number>): readonly PartReport[] {
  const roles = Map.groupBy(facts?.processes ?? [], ({ role }) => role);
  return [...roles].map(([part, processes]) => ({ part, health: roleHealth(processes, silent) }));
}

function roleHealth(processes: readonly ProcessFact[], silent: ReadonlySet<number>): Health {
  const serving = processes.filter(({ state }) => state === 'ready' || state === 'draining');
  const died = processes.filter(({ state }) => state === 'waiting').length;
  const state = serving.length === 0 ? 'down' : 'degraded';
  if (died > 0) {
    const reason = `${died} of ${processes.length} died, to be started again soon`;
    return { state, code: 'process-died', reason };
  }
  if (serving.length === 0) return { state, code: 'starting', reason: 'starting' };
  const mute = serving.filter(({ pid, state: own }) => own === 'ready' && silent.has(pid));
  if (mute.length > 0) {
    const pids = mute.map(({ pid }) => pid).join(', ');
    return { state, code: 'process-silent', reason: `process ${pids} does not answer` };
  }
  return { state: 'ok' };
}
