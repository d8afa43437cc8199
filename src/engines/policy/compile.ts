import type { Explanation, Tried } from '../../kernel/index.ts';
import { effectsOf, noEffects, outcomeOf, type Effects } from './actions/index.ts';
import { compileCondition, requestFieldsOf, responseFieldsOf } from './condition.ts';
import type { Compiled, CompileContext } from './criterion.ts';
import { allow, block, type PolicyDecision } from './decision.ts';
import type { PolicyDocument, RuleDocument } from './document.ts';
import { FACT, factNames, NO, NOT_YET, type Phase, type PolicyFacts, YES } from './facts.ts';
import { RuleIndex } from './rule-index.ts';
import type { BuiltInRule } from './rules/built-in.ts';
import { FILE_BITS, fileRules } from './rules/files.ts';
import { indicatorRules } from './rules/indicators.ts';

/** A document, compiled. Immutable; a change replaces it as a whole. */
export interface Policy {
  readonly version: string;
  readonly document: PolicyDocument;
  /** Lower-case names of the request fields that rules ask about: a door keeps them for later phases. */
  readonly requestFields: readonly string[];
  /** The same of the response, with those that name its body. */
  readonly responseFields: readonly string[];
  /** A rule over bodies changes fields of requests: their heads are better kept until the body is known. */
  readonly changesRequestsLate: boolean;
  /** Synchronous, in memory, without a surprise in its cost. */
  decide(phase: Phase, facts: PolicyFacts): PolicyDecision;
  /** The same with every rule that was tried. */
  explain(phase: Phase, facts: PolicyFacts, versions?: Readonly<Record<string, string>>): PolicyExplanation;
}

export interface PolicyExplanation extends Explanation, PolicyDecision {}

export interface PolicyOptions {
  readonly document: PolicyDocument;
  readonly version?: string;
  /** Asked first; no rule of the document gets past them. Those of a door ask for the door themselves. */
  readonly guards?: readonly BuiltInRule[];
}

/** What is known of a message only when its body has come. */
const BODY_BITS = FACT.size | FACT['file-type'] | FACT['file-verdict'];

interface CompiledRule {
  readonly name: string;
  readonly document: RuleDocument;
  readonly condition: Compiled;
  readonly outcome: PolicyDecision | undefined;
  readonly effects: Effects | undefined;
}

/**
 * One ordered list: guards, the rules of the document, what a scan and the lists of indicators say, and the default. The first
 * that decides ends it; what only modifies is collected on the way.
 */
export function compilePolicy({ document, version = 'default', guards = [] }: PolicyOptions): Policy {
  return new Compilation(document, version, guards);
}

class Compilation implements Policy {
  readonly version: string;
  readonly document: PolicyDocument;
  readonly requestFields: readonly string[];
  readonly responseFields: readonly string[];
  readonly changesRequestsLate: boolean;
  readonly #guards: readonly BuiltInRule[];
  readonly #rules: readonly CompiledRule[];
  /** Those of the rules, next to each other: most say no, and then nothing else of the rule is looked at. */
  readonly #tests: readonly Compiled['test'][];
  readonly #index: RuleIndex;
  readonly #round = { number: 0 };
  readonly #fallback: PolicyDecision;

  constructor(document: PolicyDocument, version: string, guards: readonly BuiltInRule[]) {
    this.document = document;
    this.version = version;
    this.#guards = guards;
    const shared = new Map<string, unknown>();
    const context: CompileContext = {
      lists: document.lists,
      schedules: document.schedules,
      share<T>(key: string, make: () => T): T {
        if (!shared.has(key)) shared.set(key, make());
        // Each key is made of the kind of thing and its values, and made by one criterion.
        return shared.get(key) as T;
      },
      round: this.#round,
    };
    const enabled = document.rules.filter((rule) => rule.enabled);
    this.#rules = enabled.map((rule) => ({
      name: rule.name,
      document: rule,
      condition: compileCondition(rule.when, context),
      outcome: outcomeOf(rule),
      effects: effectsOf(rule),
    }));
    this.#tests = this.#rules.map(({ condition }) => condition.test);
    this.#index = new RuleIndex(
      enabled.map((rule) => rule.when),
      context,
    );
    this.requestFields = [...new Set(enabled.flatMap(({ when }) => requestFieldsOf(when)))];
    this.responseFields = [
      ...new Set([
        'content-type',
        'content-disposition',
        ...enabled.flatMap(({ when }) => responseFieldsOf(when)),
      ]),
    ];
    this.changesRequestsLate = this.#rules.some(
      ({ condition, effects }) =>
        (condition.bits & BODY_BITS) !== 0 &&
        effects?.changes.some(({ message }) => message === 'request') === true,
    );
    this.#fallback =
      document.default === 'allow'
        ? allow('default-allow', 'no-rule-matched', 'no rule blocks it')
        : block('default-block', 'no-rule-matched', 'no rule allows it');
  }

  decide(phase: Phase, facts: PolicyFacts): PolicyDecision {
    if (phase === 'request' || phase === 'connect') {
      for (const guard of this.#guards) {
        const decision = guard.decide(facts);
        if (decision !== undefined) return decision;
      }
    }
    const isPlain =
      this.#rules.length === 0 && (facts.scansOnRequest === true || ((facts.later ?? 0) & FILE_BITS) === 0);
    return isPlain ? this.#last(facts) : this.#byRules(phase, facts);
  }

  #byRules(phase: Phase, facts: PolicyFacts): PolicyDecision {
    const candidates = this.#index.candidates(facts);
    const walk = new Walk(facts);
    const tests = this.#tests;
    this.#round.number++;
    for (let word = 0; word < candidates.length; word++) {
      for (let bits = candidates[word]!; bits !== 0; bits &= bits - 1) {
        const at = (word << 5) + (31 - Math.clz32(bits & -bits));
        const said = tests[at]!(facts, phase);
        if (said === NO) continue;
        const rule = this.#rules[at]!;
        if (walk.take(rule, said)) return walk.result(rule.outcome!);
      }
    }
    walk.waitForFile();
    return walk.result(this.#last(facts));
  }

  /** What the scan and the lists say, else the default. */
  #last(facts: PolicyFacts): PolicyDecision {
    const file = facts.file === undefined ? undefined : firstOf(fileRules, facts);
    return file ?? firstOf(indicatorRules, facts) ?? this.#fallback;
  }

  explain(
    phase: Phase,
    facts: PolicyFacts,
    versions: Readonly<Record<string, string>> = {},
  ): PolicyExplanation {
    const tried: Tried[] = [];
    const answer = (decision: PolicyDecision): PolicyExplanation => ({ ...decision, tried, versions });
    const guards = phase === 'request' || phase === 'connect' ? this.#guards : [];
    const guarded = tryBuiltIn(guards, facts, tried);
    if (guarded !== undefined) return answer(guarded);
    const walk = new Walk(facts);
    this.#round.number++;
    for (const rule of this.#rules) {
      const said = rule.condition.test(facts, phase);
      const why = rule.condition.why(facts, phase);
      const { line } = rule.document;
      tried.push({
        rule: rule.name,
        matched: said === YES,
        why: said === NOT_YET ? `not yet: ${why}` : why,
        line,
      });
      if (walk.take(rule, said)) return answer(walk.result(rule.outcome!));
    }
    walk.waitForFile();
    const listed = tryBuiltIn([...fileRules, ...indicatorRules], facts, tried);
    if (listed !== undefined) return answer(walk.result(listed));
    tried.push({ rule: this.#fallback.rule, matched: true, why: 'no rule before it matched' });
    return answer(walk.result(this.#fallback));
  }
}

function firstOf(rules: readonly BuiltInRule[], facts: PolicyFacts): PolicyDecision | undefined {
  for (const rule of rules) {
    const decision = rule.decide(facts);
    if (decision !== undefined) return decision;
  }
  return undefined;
}

function tryBuiltIn(
  rules: readonly BuiltInRule[],
  facts: PolicyFacts,
  tried: Tried[],
): PolicyDecision | undefined {
  for (const { name, decide, whyNot } of rules) {
    const decision = decide(facts);
    const why = decision === undefined ? whyNot(facts) : decision.reasons.join(': ');
    tried.push({ rule: name, matched: decision !== undefined, why });
    if (decision !== undefined) return decision;
  }
  return undefined;
}

/** One way through the list: what has been collected, and what rules above still wait for. */
class Walk {
  readonly #later: number;
  readonly #scansOnRequest: boolean;
  #effects: Effects | undefined;
  /** Facts that rules wait for which would decide otherwise than a block, and those whose rules would block, too. */
  #waiting = 0;
  #waitingToBlock = 0;

  constructor({ later = 0, scansOnRequest = false }: PolicyFacts) {
    this.#later = later;
    this.#scansOnRequest = scansOnRequest;
  }

  /** True: this rule ends the list. */
  take(rule: CompiledRule, said: number): boolean {
    if (said === NOT_YET) {
      const bits = rule.condition.bits & this.#later;
      if (rule.outcome?.action === 'block' && rule.effects === undefined) this.#waitingToBlock |= bits;
      else this.#waiting |= bits;
      return false;
    }
    if (said !== YES) return false;
    if (rule.effects !== undefined) this.#effects = merged(this.#effects, rule.effects);
    return rule.outcome !== undefined;
  }

  /** The built-in rules over files want a body scanned that nothing above them has decided about. */
  waitForFile(): void {
    const { scan } = this.#effects ?? {};
    if (this.#scansOnRequest && (scan === undefined || scan === 'off')) return;
    this.#waitingToBlock |= this.#later & FILE_BITS;
  }

  /** What is blocked anyway need not wait for more reasons to block it. */
  result(decision: PolicyDecision): PolicyDecision {
    const bits = decision.action === 'block' ? this.#waiting : this.#waiting | this.#waitingToBlock;
    const effects = this.#effects;
    if (bits === 0 && effects === undefined) return decision;
    return {
      ...decision,
      needs: factNames(bits),
      scan: effects?.scan ?? decision.scan,
      changes: effects?.changes ?? decision.changes,
      rates: effects?.rates ?? decision.rates,
      log: effects?.log ?? decision.log,
      monitored: effects?.monitored ?? decision.monitored,
      quarantine: effects?.quarantine ?? false,
    };
  }
}

function merged(before: Effects | undefined, more: Effects): Effects {
  if (before === undefined) return more;
  const sum = noEffects();
  sum.scan = before.scan ?? more.scan;
  sum.log = before.log ?? more.log;
  sum.quarantine = before.quarantine || more.quarantine;
  sum.changes.push(...before.changes, ...more.changes);
  sum.rates.push(...before.rates, ...more.rates);
  sum.monitored.push(...before.monitored, ...more.monitored);
  return sum;
}
