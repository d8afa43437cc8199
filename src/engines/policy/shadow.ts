import { criteriaOf } from './condition.ts';
import type { CompileContext } from './criterion.ts';
import { CRITERIA } from './criteria/index.ts';
import type { Condition, PolicyDocument, RuleDocument } from './document.ts';

interface Shadow {
  readonly rule: RuleDocument;
  readonly by: RuleDocument;
}

/** Pairs that are compared at most; with ever more rules only the first pairs are. */
const PAIRS_MAX = 3_000_000;

/** Rules that never decide, because an earlier rule that ends the list fits whatever they fit. */
export function shadowedRules(document: PolicyDocument): readonly Shadow[] {
  const context: Pick<CompileContext, 'lists'> = document;
  const enabled = document.rules.filter((rule) => rule.enabled);
  const masks = enabled.map(({ when }) => maskOf(when));
  const deciding: number[] = [];
  const found: Shadow[] = [];
  let pairs = 0;
  for (const [at, rule] of enabled.entries()) {
    const by = deciding.find((earlier) => {
      // Whoever asks for something that the other one leaves open is not wider.
      if ((masks[earlier]! & ~masks[at]!) !== 0 || ++pairs > PAIRS_MAX) return false;
      return covers(enabled[earlier]!.when, rule.when, context);
    });
    if (by !== undefined) found.push({ rule, by: enabled[by]! });
    if (rule.then.allow !== undefined || rule.then.block !== undefined) deciding.push(at);
  }
  return found;
}

/** One bit a criterion; `not` and `any` have one each. */
function maskOf(when: Condition): number {
  let mask = 0;
  for (const [at, { name }] of CRITERIA.entries()) if (when[name] !== undefined) mask |= 1 << at;
  if (when.not !== undefined) mask |= 1 << 30;
  if (when.any !== undefined) mask |= 1 << 29;
  return mask;
}

function covers(wide: Condition, narrow: Condition, context: Pick<CompileContext, 'lists'>): boolean {
  for (const nest of ['not', 'any'] as const) {
    if (wide[nest] !== undefined && !isSame(wide[nest], narrow[nest])) return false;
  }
  for (const [criterion, value] of criteriaOf(wide)) {
    const other = narrow[criterion.name];
    if (isSame(value, other)) continue;
    if (other === undefined) return false;
    // Only `lists` of the context is used to compare.
    const isWider = criterion.covers?.(value, other, context as CompileContext) ?? isSuperset(value, other);
    if (!isWider) return false;
  }
  return true;
}

function isSuperset(wide: unknown, narrow: unknown): boolean {
  if (!Array.isArray(wide) || !Array.isArray(narrow)) return false;
  const texts = new Set(wide.map((each) => JSON.stringify(each)));
  return narrow.every((each) => texts.has(JSON.stringify(each)));
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
