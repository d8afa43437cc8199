import type { DoorName } from '../../kernel/index.ts';
import { compilePolicy, type Policy, type PolicyExplanation } from './compile.ts';
import { block, type PolicyDecision, type RateLimit } from './decision.ts';
import { DEFAULT_DOCUMENT, type PolicyDocument } from './document.ts';
import type { Phase, PolicyFacts } from './facts.ts';
import { RateLimiter } from './rates.ts';
import { allowList } from './rules/allow-list.ts';
import type { BuiltInRule } from './rules/built-in.ts';
import { destinationAddress, type AddressGuard } from './rules/destination-address.ts';
import { connectPorts, httpPorts } from './rules/ports.ts';
import { sourceNetworks } from './rules/source-networks.ts';
import { subjectOf, Warnings } from './warnings.ts';

export interface WebAccessSettings {
  readonly sources: readonly string[];
  readonly connectPorts: readonly number[];
  readonly mode: 'open' | 'allow-list';
  readonly allowList: readonly string[];
  readonly guard: AddressGuard;
  /** Edges of the gateway, which share its rates. */
  readonly shares?: number;
  /** Tells every edge that somebody has gone on past a warning. */
  readonly warnings?: Warnings;
}

/** Who may reach what, for every door: the policy in force, the rates, and the warnings that were read. */
export interface WebAccess {
  readonly policy: Policy;
  readonly warnings: Warnings;
  /** `phase`: `connect` for a tunnel and `request` else, when absent. Takes the request off its rates. */
  decide(facts: PolicyFacts, phase?: Phase): PolicyDecision;
  /** What `decide` would say, without taking anything. */
  explain(facts: PolicyFacts, versions: Readonly<Record<string, string>>, phase?: Phase): PolicyExplanation;
  /** Puts another document in force, at once and as a whole. */
  use(document: PolicyDocument, version: string): void;
}

export function createWebAccess(settings: WebAccessSettings): WebAccess {
  return new Access(settings);
}

class Access implements WebAccess {
  readonly warnings: Warnings;
  readonly #guards: readonly BuiltInRule[];
  readonly #rates: RateLimiter;
  #policy: Policy;

  constructor(settings: WebAccessSettings) {
    this.#guards = [
      sourceNetworks(settings.sources),
      connectPorts(settings.connectPorts),
      httpPorts,
      destinationAddress(settings.guard),
      allowList(settings.mode, settings.allowList),
    ].map(forProxies);
    this.#rates = new RateLimiter(settings.shares);
    this.warnings = settings.warnings ?? new Warnings(() => Promise.resolve());
    this.#policy = compilePolicy({ document: DEFAULT_DOCUMENT, guards: this.#guards });
  }

  get policy(): Policy {
    return this.#policy;
  }

  use(document: PolicyDocument, version: string): void {
    this.#policy = compilePolicy({ document, version, guards: this.#guards });
  }

  decide(facts: PolicyFacts, phase: Phase = phaseOf(facts)): PolicyDecision {
    const decision = this.#policy.decide(phase, facts);
    if (decision.rates.length > 0 && (phase === 'request' || phase === 'connect')) {
      const refused = this.#rated(decision, facts);
      if (refused !== undefined) return refused;
    }
    return decision.action === 'warn' ? this.#remembered(decision, facts) : decision;
  }

  explain(facts: PolicyFacts, versions: Readonly<Record<string, string>>, phase: Phase = phaseOf(facts)) {
    const explained = this.#policy.explain(phase, facts, versions);
    return explained.action === 'warn' ? { ...explained, ...this.#remembered(explained, facts) } : explained;
  }

  #rated(decision: PolicyDecision, facts: PolicyFacts): PolicyDecision | undefined {
    if (decision.decision === 'block') return undefined;
    for (const limit of decision.rates) {
      const { ok, waitMs } = this.#rates.take(limit, rateSubject(limit, facts), facts.nowMs ?? 0);
      if (!ok) return tooMany(limit, waitMs);
    }
    return undefined;
  }

  #remembered(decision: PolicyDecision, facts: PolicyFacts): PolicyDecision {
    if (!this.warnings.has(decision.rule, subjectOf(facts), facts.nowMs ?? Infinity)) return decision;
    const reasons = ['warning-read', `${decision.reasons[1] ?? decision.rule}; the warning was read`];
    return { ...decision, decision: 'allow', action: 'allow', reasons };
  }
}

const PROXY_DOORS: ReadonlySet<DoorName | undefined> = new Set([
  undefined,
  'forward-proxy',
  'access-gateway',
]);

/** What a proxy of ours may connect to is no question where others connect: ICAP, files. */
function forProxies(rule: BuiltInRule): BuiltInRule {
  return {
    name: rule.name,
    decide: (facts) => (PROXY_DOORS.has(facts.door) ? rule.decide(facts) : undefined),
    whyNot: (facts) =>
      PROXY_DOORS.has(facts.door) ? rule.whyNot(facts) : 'it guards connections of the gateway itself',
  };
}

function phaseOf({ method }: PolicyFacts): Phase {
  return method === 'CONNECT' ? 'connect' : 'request';
}

function rateSubject({ by }: RateLimit, facts: PolicyFacts): string {
  return by === 'user' ? subjectOf(facts) : `source ${facts.source}`;
}

function tooMany({ rule, perSecond, by }: RateLimit, waitMs: number): PolicyDecision {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const sentence = `there are more requests than the ${perSecond} a second of this ${by} that rule ${rule} allows`;
  return {
    ...block(rule, 'rate-exceeded', sentence),
    page: { status: 429, title: 'Too many requests', text: undefined },
    retryAfterS: seconds,
  };
}
