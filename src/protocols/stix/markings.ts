import { TLPS, type Tlp } from '../../kernel/index.ts';
import { isRecord, textOf, textsOf } from './json.ts';
import { TLP_EXTENSION_ID, TLP_OF_MARKING, tlpOf } from './vocabulary.ts';

/** What a marking definition means. */
export type Marking =
  | { readonly type: 'tlp'; readonly tlp: Tlp }
  | { readonly type: 'statement'; readonly statement: string };

/** Reads a marking definition of either TLP, or a statement; `undefined` for any other. */
export function markingOf(object: Readonly<Record<string, unknown>>): Marking | undefined {
  const { extensions, definition, name } = object;
  const extension = isRecord(extensions) ? extensions[TLP_EXTENSION_ID] : undefined;
  const level =
    (isRecord(extension) ? textOf(extension['tlp_2_0']) : undefined) ??
    (isRecord(definition) ? textOf(definition['tlp']) : undefined) ??
    (/^tlp:/i.test(textOf(name) ?? '') ? textOf(name) : undefined);
  const tlp = level === undefined ? undefined : tlpOf(level);
  if (tlp !== undefined) return { type: 'tlp', tlp };
  const statement = isRecord(definition) ? textOf(definition['statement']) : undefined;
  return statement === undefined ? undefined : { type: 'statement', statement };
}

/**
 * Whom an object may be told: the strictest of its markings, also of those that mark only a part of it (`granular`),
 * for an entry has one. With it, what statements say.
 */
export function markingsOf(
  object: Readonly<Record<string, unknown>>,
  known: ReadonlyMap<string, Marking>,
): { readonly tlp: Tlp | undefined; readonly statements: readonly string[] } {
  const granular = Array.isArray(object['granular_markings']) ? object['granular_markings'] : [];
  const refs = [
    ...textsOf(object['object_marking_refs']),
    ...granular.flatMap((each: unknown) => (isRecord(each) ? (textOf(each['marking_ref']) ?? []) : [])),
  ];
  let strictest = -1;
  const statements: string[] = [];
  for (const ref of refs) {
    const fixed = TLP_OF_MARKING.get(ref);
    const marking: Marking | undefined = fixed === undefined ? known.get(ref) : { type: 'tlp', tlp: fixed };
    if (marking?.type === 'tlp') strictest = Math.max(strictest, TLPS.indexOf(marking.tlp));
    else if (marking !== undefined) statements.push(marking.statement);
  }
  return { tlp: TLPS[strictest], statements };
}
