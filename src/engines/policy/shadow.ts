import { criteriaOf } from './condition.ts';
import { CRITERIA } from './criteria/index.ts';
import type { CompileContext, Criterion } from './criterion.ts';
import type { Condition, PolicyDocument, RuleDocument } from './document.ts';

interface Shadow {
  readonly rule: RuleDocument;
  readonly by: RuleDocument;
}

/** Comparisons at most; of ever more rules, or ever deeper ones, only the first are compared. */
const STEPS_MAX = 3_000_000;

/** Rules that never decide, because an earlier rule that ends the list fits whatever they fit. */
export function shadowedRules(document: PolicyDocument): readonly Shadow[] {
  const covering = new Covering(document, STEPS_MAX);
  const enabled = document.rules.filter((rule) => rule.enabled);
  const asked = enabled.map(({ when }) => maskOf(when, false));
  const known = enabled.map(({ when }) => maskOf(when, true));
  const deciding: number[] = [];
  const found: Shadow[] = [];
  for (const [at, rule] of enabled.entries()) {
    const by = deciding.find((earlier) => {
      // Whoever asks for something that the other one leaves open is not wider.
      if ((asked[earlier]! & ~known[at]!) !== 0) return false;
      return covering.covers(enabled[earlier]!.when, rule.when);
    });
    if (by !== undefined) found.push({ rule, by: enabled[by]! });
    if (rule.then.allow !== undefined || rule.then.block !== undefined) deciding.push(at);
  }
  return found;
}

/** Conditions of which one can never fit, since what it asks for is among what it excludes. */
export function contradicts(when: Condition, lists: Pick<CompileContext, 'lists'>): boolean {
  const covering = new Covering(lists, STEPS_MAX);
  const { not = [], ...own } = when;
  return not.some((each) => covering.covers(each, own));
}

/** One bit a criterion. `deep`: those of alternatives as well. */
function maskOf(when: Condition, deep: boolean): number {
  let mask = 0;
  for (const [at, { name }] of CRITERIA.entries()) if (when[name] !== undefined) mask |= 1 << at;
  if (deep) for (const each of when.any ?? []) mask |= maskOf(each, true);
  return mask;
}

/**
 * Compares conditions without a request. Two things hold of each comparison that says yes, and each step keeps them:
 * where the narrow one says yes, so does the wide one; where the wide one says no, so does the narrow one. The second
 * is what makes `not` turn around.
 */
class Covering {
  /** Only `lists` of the context is used to compare. */
  readonly #context: CompileContext;
  #steps: number;

  constructor({ lists }: Pick<CompileContext, 'lists'>, steps: number) {
    this.#context = { lists } as CompileContext;
    this.#steps = steps;
  }

  covers(wide: Condition, narrow: Condition): boolean {
    if (--this.#steps < 0) return false;
    const any = wide.any;
    return (
      [...criteriaOf(wide)].every(([criterion, value]) => this.#hasCriterion(narrow, criterion, value)) &&
      (wide.not ?? []).every((each) => this.#excludes(narrow, each)) &&
      (any === undefined || this.#hasAny(narrow, any))
    );
  }

  #hasCriterion(narrow: Condition, criterion: Criterion, value: unknown): boolean {
    const other = narrow[criterion.name];
    if (other !== undefined) {
      if (isSame(value, other)) return true;
      if (criterion.covers?.(value, other, this.#context) ?? isSuperset(value, other)) return true;
    }
    return this.#inEach(narrow, (each) => this.#hasCriterion(each, criterion, value));
  }

  /** Whether the narrow one fits nothing that this one fits. */
  #excludes(narrow: Condition, excluded: Condition): boolean {
    if ((narrow.not ?? []).some((each) => this.covers(each, excluded))) return true;
    for (const [{ name, single }, value] of criteriaOf(excluded)) {
      if (single === true && isDisjoint(value, narrow[name])) return true;
    }
    return this.#inEach(narrow, (each) => this.#excludes(each, excluded));
  }

  #hasAny(narrow: Condition, any: readonly Condition[]): boolean {
    return (
      any.some((each) => this.covers(each, narrow)) || this.#inEach(narrow, (each) => this.#hasAny(each, any))
    );
  }

  /** What holds of each alternative holds of all of them. */
  #inEach({ any }: Condition, holds: (each: Condition) => boolean): boolean {
    return any !== undefined && --this.#steps >= 0 && any.every(holds);
  }
}

function isSuperset(wide: unknown, narrow: unknown): boolean {
  if (!Array.isArray(wide) || !Array.isArray(narrow)) return false;
  const texts = new Set(wide.map((each) => JSON.stringify(each)));
  return narrow.every((each) => texts.has(JSON.stringify(each)));
}

function isDisjoint(values: unknown, others: unknown): boolean {
  if (!Array.isArray(values) || !Array.isArray(others)) return false;
  return others.every((each) => !values.includes(each));
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
