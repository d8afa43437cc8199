import { findingOf, type Finding, type PatternValue } from './observables.ts';
import type { Comparison, Observation } from './pattern.ts';

export interface PatternFindings {
  /** Each of them alone is reason enough; no value twice. */
  readonly values: readonly PatternValue[];
  readonly problems: readonly PatternProblem[];
}

export interface PatternProblem {
  readonly reason: string;
  /** The part of the pattern that is meant. */
  readonly text: string;
}

/** Why a part gives nothing whose parts have to be seen together; the text of the problem names them. */
export const NEEDS_ALL = 'needs all of several things, which a look-up cannot see together';

/** Parts that such a problem names, and how much of each. */
const PARTS_SHOWN = 4;
const PART_CHARS = 60;

/**
 * The values of a pattern that can be looked up by themselves.
 *
 * Every branch of an OR gives its own. What has to be seen together (AND over several observables, FOLLOWEDBY,
 * REPEATS) gives none, for to block each part would block what the producer never called bad. Two kinds of AND are
 * one observable all the same: several statements about one file, of which the strongest digest says everything; and
 * a port or protocol next to an address or name, which is kept as a note.
 */
export function indicatorsOf(pattern: Observation, text: string): PatternFindings {
  const found = new Findings(text);
  found.observation(pattern, { note: '', stopMs: undefined });
  return { values: [...found.values.values()], problems: found.problems };
}

interface Context {
  readonly note: string;
  readonly stopMs: number | undefined;
}

class Findings {
  readonly values = new Map<string, PatternValue>();
  readonly problems: PatternProblem[] = [];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  observation(observation: Observation, context: Context): void {
    switch (observation.type) {
      case 'observation':
        this.#take(observation.comparison, context);
        return;
      case 'or':
        for (const part of observation.parts) this.observation(part, context);
        return;
      case 'and':
      case 'followed-by':
        this.#needsAll(observation, observation.parts);
        return;
      case 'qualified':
        this.#qualified(observation, context);
    }
  }

  #qualified(observation: Observation & { type: 'qualified' }, context: Context): void {
    const { qualifier, observation: inner } = observation;
    if (qualifier.type === 'repeats' && qualifier.times > 1) {
      this.#problem(`needs to be seen ${qualifier.times} times`, observation);
      return;
    }
    if (qualifier.type !== 'start-stop') {
      // One sighting is within any time.
      this.observation(inner, context);
      return;
    }
    const stopMs = Math.min(qualifier.stopMs, context.stopMs ?? Number.POSITIVE_INFINITY);
    this.observation(inner, { ...context, stopMs });
  }

  #take(comparison: Comparison, context: Context): void {
    if (comparison.type === 'or') {
      for (const part of comparison.parts) this.#take(part, context);
      return;
    }
    const finding = this.#finding(comparison);
    if (finding.type === 'values') {
      for (const value of finding.values) this.#add(value, context);
      return;
    }
    const reason =
      finding.type === 'nothing'
        ? finding.reason
        : `a ${finding.of === 'file' ? 'property of a file' : 'port or protocol'} alone is no indicator`;
    this.#problem(reason, comparison, finding.type === 'nothing' ? finding.text : undefined);
  }

  #finding(comparison: Comparison): Finding {
    if (comparison.type === 'test') return findingOf(comparison);
    const findings = comparison.parts.map((part) => this.#finding(part));
    return comparison.type === 'or' ? either(findings) : this.#all(comparison, findings);
  }

  /** The two kinds of AND that are one observable. */
  #all(comparison: Comparison & { type: 'and' | 'or' }, findings: readonly Finding[]): Finding {
    const valued = findings.filter((finding) => finding.type === 'values');
    const isRefinedBy = (of: 'file' | 'traffic'): boolean =>
      findings.every((each) => each.type === 'values' || (each.type === 'refinement' && each.of === of));
    const [first] = valued;
    if (first !== undefined && isRefinedBy('file') && valued.every(({ isFile }) => isFile)) {
      // A file has one digest of a type: what has the longest digits at its weakest place says most.
      return valued.reduce((best, each) => (digits(each.values) > digits(best.values) ? each : best));
    }
    if (first !== undefined && valued.length === 1 && !first.isFile && isRefinedBy('traffic')) {
      const refinements = comparison.parts.filter((_, at) => findings[at]?.type === 'refinement');
      const note = `only with ${refinements.map((part) => this.#textOf(part)).join(' and ')}`;
      return {
        ...first,
        values: first.values.map((value) => ({
          ...value,
          note: [value.note, note].filter(Boolean).join(', '),
        })),
      };
    }
    const [refinement] = findings;
    if (refinement?.type === 'refinement' && valued.length === 0 && isRefinedBy(refinement.of))
      return refinement;
    return { type: 'nothing', reason: NEEDS_ALL, text: this.#partsText(comparison.parts) };
  }

  #needsAll(observation: Observation, parts: readonly Observation[]): void {
    this.#problem(NEEDS_ALL, observation, this.#partsText(parts));
  }

  #partsText(parts: readonly { readonly start: number; readonly end: number }[]): string {
    const shown = parts.slice(0, PARTS_SHOWN).map((part) => this.#textOf(part));
    const more = parts.length - shown.length;
    return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  }

  #add(value: PatternValue, { stopMs }: Context): void {
    const key = `${value.kind} ${value.value}`;
    const known = this.values.get(key);
    const isFree = known !== undefined && (known.stopMs === undefined || stopMs === undefined);
    this.values.set(key, {
      ...value,
      // Found twice: the weaker condition is the one that holds.
      note: known === undefined || known.note !== '' ? value.note : '',
      stopMs: isFree ? undefined : Math.max(stopMs ?? 0, known?.stopMs ?? 0) || undefined,
    });
  }

  #problem(
    reason: string,
    { start, end }: { readonly start: number; readonly end: number },
    text?: string,
  ): void {
    this.problems.push({ reason, text: text ?? this.#text.slice(start, end) });
  }

  #textOf({ start, end }: { readonly start: number; readonly end: number }): string {
    const text = this.#text.slice(start, Math.min(end, start + PART_CHARS));
    return (end - start > PART_CHARS ? `${text}...` : text).replaceAll(/\s+/g, ' ');
  }
}

/** Alternatives inside an AND: worth something together only when all of them are of one sort. */
function either(findings: readonly Finding[]): Finding {
  const [first] = findings;
  if (first === undefined) return { type: 'nothing', reason: 'nothing to choose from' };
  if (first.type === 'values') {
    const all = findings.flatMap((each) =>
      each.type === 'values' && each.isFile === first.isFile ? [each.values] : [],
    );
    if (all.length === findings.length) return { ...first, values: all.flat() };
  }
  if (
    first.type === 'refinement' &&
    findings.every((each) => each.type === 'refinement' && each.of === first.of)
  )
    return first;
  return (
    findings.find((each) => each.type === 'nothing') ?? { type: 'nothing', reason: 'mixed alternatives' }
  );
}

/** Digits of the weakest digest. */
function digits(values: readonly PatternValue[]): number {
  return values.reduce((least, { value }) => Math.min(least, value.length), Number.POSITIVE_INFINITY);
}
