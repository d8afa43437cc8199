import type { MatchAction, Severity, Tlp } from '../../kernel/index.ts';

/** What many entries of a feed share; a record holds its number in the dictionary of its segment. */
export interface AttributeSet {
  readonly action: MatchAction;
  readonly category: string;
  readonly severity: Severity;
  /** 0 to 100. */
  readonly confidence: number;
  readonly tlp: Tlp;
}

/** Numbers are 16 bits. */
const SETS_MAX = 65_535;
/** Kept free for what stands in when the dictionary is full: every action with every severity. */
const SETS_KEPT = 12;

/**
 * The sets of one segment, in the order in which they came. When a list has more different ones than there
 * are numbers, the entries beyond keep their action and severity and take category, confidence and TLP from
 * the feed.
 */
export class AttributeDictionary {
  readonly sets: AttributeSet[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #defaults: Pick<AttributeSet, 'category' | 'confidence' | 'tlp'>;
  readonly #max: number;
  #last: AttributeSet | undefined;
  #lastNumber = 0;

  constructor(defaults: Pick<AttributeSet, 'category' | 'confidence' | 'tlp'>, max = SETS_MAX) {
    this.#defaults = defaults;
    this.#max = max;
  }

  /** The number of a set; neighbors in a list mostly have the same one. */
  numberOf(set: AttributeSet): number {
    if (this.#last !== undefined && isSame(this.#last, set)) return this.#lastNumber;
    this.#lastNumber = this.#find(set);
    this.#last = set;
    return this.#lastNumber;
  }

  #find(set: AttributeSet): number {
    const known = this.#numbers.get(nameOf(set));
    if (known !== undefined) return known;
    if (this.sets.length >= this.#max - SETS_KEPT) {
      const standIn = { ...this.#defaults, action: set.action, severity: set.severity };
      return this.#numbers.get(nameOf(standIn)) ?? this.#append(standIn);
    }
    return this.#append(set);
  }

  #append({ action, category, severity, confidence, tlp }: AttributeSet): number {
    const set = { action, category, severity, confidence, tlp };
    this.#numbers.set(nameOf(set), this.sets.length);
    this.sets.push(set);
    return this.sets.length - 1;
  }
}

function nameOf(set: AttributeSet): string {
  return `${set.action} ${set.severity} ${set.confidence} ${set.tlp} ${set.category}`;
}

function isSame(x: AttributeSet, y: AttributeSet): boolean {
  return (
    x.category === y.category &&
    x.action === y.action &&
    x.severity === y.severity &&
    x.confidence === y.confidence &&
    x.tlp === y.tlp
  );
}
