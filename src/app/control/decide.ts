import { openOpinion } from '../opinion.ts';
import type { ControlEngines } from './engines.ts';
import type { Knowledge } from './knowledge.io.ts';
import { openExplain, openPolicyEngine, openTrial } from './policy.ts';
import type { Setting } from './setting.ts';

/** The policy, and what it would decide. */
export type Deciding = Pick<ControlEngines, 'policy' | 'opinion' | 'trial' | 'explain'>;

export async function openDeciding(
  { base, state, links, gateway, opened, current }: Setting,
  { reader, prefixLists }: Pick<Knowledge, 'reader' | 'prefixLists'>,
): Promise<Deciding> {
  const policy = openPolicyEngine(base, () => state, links, current);
  opened.add(policy, (engine) => engine.close());
  await policy.start();
  const opinion = openOpinion(base, current);
  const seam = {
    policy: () => policy,
    reader,
    opinion,
    prefixLists,
    config: current,
    ports: () => gateway.ports(),
    now: () => base.clock.now(),
  };
  return { policy, opinion, trial: openTrial(seam), explain: openExplain(seam, () => gateway.generation) };
}
