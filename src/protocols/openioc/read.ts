import { isIP } from 'node:net';
import type { StatedIndicator, StatedSink } from '../../kernel/index.ts';
import { type IocDocument, type IocGroup, type IocItem, readIocDocument } from './document.ts';
import { termOf } from './terms.ts';

export interface OpenIocOptions {
  readonly noteCharsMax: number;
}

export const OPENIOC_OPTIONS: OpenIocOptions = { noteCharsMax: 500 };

/** Why an AND gives nothing; the text of the problem names what it asks for. */
const NEEDS_ALL = 'needs all of several things, which a look-up cannot see together';

/** Parts that such a problem names, and how much of each. */
const PARTS_SHOWN = 4;
const PART_CHARS = 60;

/**
 * Reads the values of an OpenIOC document that can be looked up by themselves: every branch of an OR gives its own. What
 * an AND asks for together gives none, but for statements about one file, of which the strongest digest says
 * everything, and a port next to an address.
 */
export function readOpenIoc(text: string, sink: StatedSink, options: OpenIocOptions = OPENIOC_OPTIONS): void {
  const document = readIocDocument(text);
  if (typeof document === 'string') sink.problem({ position: 0, reason: document, text: '' });
  else new Findings(document, sink, options).group(document.root);
}

interface Value {
  readonly kind: StatedIndicator['kind'];
  readonly value: string;
  readonly note: string;
}

type Finding =
  | { readonly type: 'values'; readonly values: readonly Value[]; readonly isFile: boolean }
  | { readonly type: 'refinement'; readonly of: 'file' | 'traffic' }
  | { readonly type: 'nothing'; readonly reason: string; readonly text?: string };

class Findings {
  readonly #document: IocDocument;
  readonly #sink: StatedSink;
  readonly #noteCharsMax: number;
  readonly #seen = new Set<string>();

  constructor(document: IocDocument, sink: StatedSink, { noteCharsMax }: OpenIocOptions) {
    this.#document = document;
    this.#sink = sink;
    this.#noteCharsMax = noteCharsMax;
  }

  group(group: IocGroup): void {
    // An AND of one is that one.
    if (group.operator === 'or' || group.children.length === 1) {
      for (const child of group.children) {
        if (child.type === 'group') this.group(child);
        else this.#take(findingOf(child), child);
      }
      return;
    }
    const first = firstItem(group);
    if (first !== undefined) this.#take(allOf(group), first);
  }

  #take(finding: Finding, item: IocItem): void {
    if (finding.type === 'values') {
      for (const value of finding.values) this.#indicator(value, item.position);
      return;
    }
    const reason =
      finding.type === 'nothing'
        ? finding.reason
        : `a ${finding.of === 'file' ? 'property of a file' : 'port or protocol'} alone is no indicator`;
    const text = (finding.type === 'nothing' ? finding.text : undefined) ?? itemText(item);
    this.#sink.problem({ position: item.position, reason, text });
  }

  #indicator({ kind, value, note }: Value, position: number): void {
    if (this.#seen.has(`${kind} ${value}`)) return;
    this.#seen.add(`${kind} ${value}`);
    const { id, title, authoredAt } = this.#document;
    // Dates of OpenIOC have no time zone; they were written in UTC.
    const authoredMs = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(authoredAt) ? authoredAt : `${authoredAt}Z`);
    this.#sink.indicator(
      {
        kind,
        value,
        action: undefined,
        category: undefined,
        severity: undefined,
        confidence: undefined,
        tlp: undefined,
        firstSeenMs: Number.isNaN(authoredMs) ? undefined : authoredMs,
        lastSeenMs: undefined,
        expiresAtMs: undefined,
        note: [title, note].filter(Boolean).join(', ').slice(0, this.#noteCharsMax),
        reference: id,
        isRevoked: false,
      },
      position,
    );
  }
}

function findingOf(item: IocItem): Finding {
  const term = termOf(item.search);
  if (item.isNegated || /^(?:is|contains)not$/i.test(item.condition))
    return nothing('a term that is negated names what is fine');
  if (term.type === 'refinement') return term;
  if (term.type === 'other')
    return nothing(`${item.search.slice(0, 80) || 'an item without a term'} is not looked up`);
  if (item.condition !== 'is')
    return nothing(`${item.search} is looked up whole, not with "${item.condition.slice(0, 20)}"`);
  const value = item.content;
  if (value === '') return nothing('an empty value');
  const { kind, digits } = term;
  if (digits !== undefined && !(value.length === digits && /^[0-9a-f]+$/i.test(value)))
    return nothing(`not ${digits} hexadecimal digits of ${item.search}`);
  const isNetwork = kind === 'address' && value.includes('/');
  return {
    type: 'values',
    isFile: kind === 'hash',
    values: [
      {
        // What a resolver cached may be an address, too.
        kind: isNetwork ? 'network' : kind === 'domain' && isIP(value) > 0 ? 'address' : kind,
        value: kind === 'hash' ? value.toLowerCase() : value,
        note: '',
      },
    ],
  };
}

function findingIn(child: IocGroup | IocItem): Finding {
  if (child.type === 'item') return findingOf(child);
  return child.operator === 'or' ? eitherOf(child) : allOf(child);
}

function allOf(group: IocGroup): Finding {
  const findings = group.children.map(findingIn);
  const [only] = findings;
  if (findings.length === 1 && only !== undefined) return only;
  const valued = findings.filter((finding) => finding.type === 'values');
  const isRefinedBy = (of: 'file' | 'traffic'): boolean =>
    findings.every((each) => each.type === 'values' || (each.type === 'refinement' && each.of === of));
  const [first] = valued;
  if (first !== undefined && isRefinedBy('file') && valued.every(({ isFile }) => isFile))
    return valued.reduce((best, each) => (digitsOf(each.values) > digitsOf(best.values) ? each : best));
  if (first !== undefined && valued.length === 1 && !first.isFile && isRefinedBy('traffic')) {
    const refinements = group.children.filter((_, at) => findings[at]?.type === 'refinement');
    const note = `only with ${refinements.map(partText).join(' and ')}`;
    return {
      ...first,
      values: first.values.map((value) => ({
        ...value,
        note: [value.note, note].filter(Boolean).join(', '),
      })),
    };
  }
  if (only?.type === 'refinement' && valued.length === 0 && isRefinedBy(only.of)) return only;
  const shown = group.children.slice(0, PARTS_SHOWN).map(partText);
  const more = group.children.length - shown.length;
  return nothing(NEEDS_ALL, `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
}

function eitherOf(group: IocGroup): Finding {
  const findings = group.children.map(findingIn);
  const [first] = findings;
  if (first?.type === 'values') {
    const all = findings.flatMap((each) =>
      each.type === 'values' && each.isFile === first.isFile ? [each.values] : [],
    );
    if (all.length === findings.length) return { ...first, values: all.flat() };
  }
  if (
    first?.type === 'refinement' &&
    findings.every((each) => each.type === 'refinement' && each.of === first.of)
  )
    return first;
  return findings.find((each) => each.type === 'nothing') ?? nothing('mixed alternatives');
}

function firstItem(group: IocGroup): IocItem | undefined {
  for (const child of group.children) {
    const item = child.type === 'item' ? child : firstItem(child);
    if (item !== undefined) return item;
  }
  return undefined;
}

function itemText({ search, condition, content }: IocItem): string {
  return `${search} ${condition} ${content}`;
}

function partText(part: IocGroup | IocItem): string {
  if (part.type === 'group') {
    const [first] = part.children;
    const more = part.children.length - 1;
    return first === undefined
      ? 'nothing'
      : `(${partText(first)}${more > 0 ? ` ${part.operator} ${more} more` : ''})`;
  }
  const text = itemText(part);
  return text.length > PART_CHARS ? `${text.slice(0, PART_CHARS)}...` : text;
}

function digitsOf(values: readonly Value[]): number {
  return values.reduce((least, { value }) => Math.min(least, value.length), Number.POSITIVE_INFINITY);
}

function nothing(reason: string, text?: string): Finding {
  return { type: 'nothing', reason, ...(text === undefined ? {} : { text }) };
}
