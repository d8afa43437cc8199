import type { Egress } from '../../engines/egress/index.ts';
import {
  createWebAccess,
  GRANT_CALL,
  GRANTS_TOPIC,
  POLICY_TOPIC,
  takeGrants,
  takePolicy,
  Warnings,
  type Policy,
  type WebAccess,
} from '../../engines/policy/index.ts';
import type { EdgeOptions } from './options.ts';

export interface OpenAccess {
  readonly access: WebAccess;
  /** The policy in force, which may be another one from one request to the next. */
  readonly policy: Pick<Policy, 'decide' | 'requestFields'>;
  readonly topics: Readonly<Record<string, (data: unknown) => void>>;
}

/** The policy in an edge: what control sends is in force at once, and whoever has been warned is known everywhere. */
export function openAccess({ config, link }: EdgeOptions, egress: Egress): OpenAccess {
  const access = createWebAccess({
    ...config.forwardProxy,
    guard: (host, port) => egress.refusalOf(host, port),
    shares: config.edges,
    warnings: new Warnings(async (grant) => void (await link.call(GRANT_CALL, grant))),
  });
  link.answer(POLICY_TOPIC, () => access.policy.version);
  return {
    access,
    policy: {
      decide: (phase, facts) => access.policy.decide(phase, facts),
      get requestFields() {
        return access.policy.requestFields;
      },
    },
    topics: {
      [POLICY_TOPIC]: (told) => takePolicy(access, told),
      [GRANTS_TOPIC]: (told) => takeGrants(access, told),
    },
  };
}
