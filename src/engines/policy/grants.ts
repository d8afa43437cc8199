import type { EdgeLinks } from '../../kernel/index.ts';
import type { State } from '../state/index.ts';
import { noteMark, readMark } from './marks.ts';
import type { Grant } from './warnings.ts';

export const GRANTS_TOPIC = 'policy-grants';
export const GRANT_CALL = 'policy.grant';
/** Warnings that were read and are remembered; beyond it the oldest are asked again. */
const GRANTS_MAX = 10_000;

/** The warnings that people have gone on past, in control: kept over a restart, told to every edge. */
export class GrantBook {
  readonly #state: () => State;
  readonly #links: EdgeLinks;
  readonly #now: () => number;
  readonly #grants = new Map<string, Grant>();

  constructor(state: () => State, links: EdgeLinks, now: () => number) {
    this.#state = state;
    this.#links = links;
    this.#now = now;
  }

  get grants(): readonly Grant[] {
    return [...this.#grants.values()];
  }

  async start(): Promise<void> {
    const kept = (await this.#state().read((tx) => readMark(tx, 'policy.grants'))) ?? [];
    for (const grant of kept) this.#keep(grant);
    this.#links.handle(GRANT_CALL, async (params) => {
      if (!isGrant(params)) throw new TypeError('a grant has a rule, a subject and an end');
      this.#keep(params);
      await noteMark(this.#state(), 'policy.grants', this.grants);
      await this.#publish();
    });
    await this.#publish();
  }

  #keep(grant: Grant): void {
    const nowMs = this.#now();
    for (const [key, { untilMs }] of this.#grants) if (untilMs <= nowMs) this.#grants.delete(key);
    if (grant.untilMs <= nowMs) return;
    const key = `${grant.rule}\n${grant.subject}`;
    this.#grants.delete(key);
    this.#grants.set(key, { rule: grant.rule, subject: grant.subject, untilMs: grant.untilMs });
    const [oldest] = this.#grants.keys();
    if (this.#grants.size > GRANTS_MAX && oldest !== undefined) this.#grants.delete(oldest);
  }

  #publish(): Promise<void> {
    return this.#links.publish(GRANTS_TOPIC, { grants: this.grants });
  }
}

export function isGrant(value: unknown): value is Grant {
  const grant = value as Grant | null;
  return (
    typeof grant === 'object' &&
    typeof grant?.rule === 'string' &&
    typeof grant.subject === 'string' &&
    typeof grant.untilMs === 'number'
  );
}
