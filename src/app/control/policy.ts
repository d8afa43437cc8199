import { randomBytes } from 'node:crypto';
import type { Config } from '../../engines/config/index.ts';
import { DestinationGuard } from '../../engines/egress/index.ts';
import { createExplain, type Explain, type Trial } from '../../engines/exchange/index.ts';
import type { IndicatorReader } from '../../engines/indicators/index.ts';
import {
  BUILT_IN_PROFILES,
  createPolicyAdmin,
  createWebAccess,
  Warnings,
  type PolicyAdmin,
  type PolicyDocument,
} from '../../engines/policy/index.ts';
import type { State } from '../../engines/state/index.ts';
import { createVerdictEngine, type PrefixSource, type SiteOpinion } from '../../engines/verdict/index.ts';
import type { EdgeLinks, PartReport, PortStatus } from '../../kernel/index.ts';
import { machineAddresses, ownSockets } from '../own-sockets.ts';
import type { Foundation } from './foundation.ts';

/** `links` is `undefined` on a stopped gateway. */
export function openPolicyEngine(
  { clock, log }: Foundation,
  state: () => State,
  links: EdgeLinks | undefined,
  config: () => Config,
): PolicyAdmin {
  return createPolicyAdmin({
    state,
    links,
    clock,
    log,
    random: randomBytes,
    bounds: () => {
      const { policy, scan } = config();
      return { ...policy, scanProfiles: [...BUILT_IN_PROFILES, ...scan.profiles.map(({ name }) => name)] };
    },
  });
}

export interface TrialSeam {
  readonly policy: () => PolicyAdmin;
  readonly reader: () => IndicatorReader;
  /** What models say; they decide only where that is wanted. */
  readonly opinion: () => SiteOpinion | undefined;
  readonly prefixLists: () => Promise<PrefixSource>;
  config(): Config;
  ports(): readonly PortStatus[];
  now(): number;
}

/** The same rules as in the edges, over the same data, with another document where one is given. */
export function openTrial(seam: TrialSeam): (document?: PolicyDocument, prefixLists?: PrefixSource) => Trial {
  // Expectations of a policy test must not hang on what others say: without prefix lists.
  return (document, prefixLists) => {
    const settings = seam.config();
    const guard = new DestinationGuard(
      settings.egress.allowDestinations,
      ownSockets(seam.ports()),
      machineAddresses(),
    );
    const warnings = new Warnings(() => Promise.resolve());
    warnings.use(seam.policy().grants());
    const access = createWebAccess({
      ...settings.forwardProxy,
      warnings,
      guard: (host, port) =>
        /[^0-9.]/.test(host) && !host.includes(':') ? undefined : guard.check(host, port),
    });
    const inForce = seam.policy().current();
    access.use(document ?? inForce.document, document === undefined ? inForce.version : 'given');
    const opinion = settings.prediction.urls === 'block' ? seam.opinion() : undefined;
    return {
      access,
      verdicts: createVerdictEngine({ reader: seam.reader(), opinion, prefixLists }),
      now: () => seam.now(),
    };
  };
}

export function openExplain(seam: TrialSeam, generation: () => number): Explain {
  const trial = openTrial(seam);
  return async (input) =>
    createExplain({
      ...trial(undefined, await seam.prefixLists()),
      versions: () => ({
        config: String(generation()),
        indicators: seam.reader().generation,
        policy: seam.policy().current().version,
      }),
    })(input);
}

/** A stored policy that cannot be read leaves the one before in force, and that must be seen. */
export function policyParts(policy: PolicyAdmin): readonly PartReport[] {
  const reason = policy.problem();
  return [
    {
      part: 'policy',
      health: reason === undefined ? { state: 'ok' } : { state: 'degraded', code: 'policy-refused', reason },
    },
  ];
}
