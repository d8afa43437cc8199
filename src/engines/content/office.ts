import type { Item } from './types.ts';

/** Names in OOXML, ODF and other office files that say what the document can do. */
const MACROS =
  /(?:^|\/)(?:vbaProject\.bin|vbaData\.xml)$|^(?:Basic|Scripts)\/[^/]+\/[^/]+\.(?:xml|bsh|js|py)$/i;

export function* officeTraits(name: string): Iterable<Item> {
  if (MACROS.test(name)) yield { kind: 'trait', trait: 'macros', name };
}

/** The parts that hold references to the outside: relationships of OOXML. */
export function isRelationships(path: string): boolean {
  return path.endsWith('.rels');
}

/**
 * Whether relationships make the program fetch something when the document is opened: a template, a frame, an
 * object outside of the file (ECMA-376 part 2 §9.3: TargetMode External).
 */
export function fetchesOutside(xml: string): boolean {
  for (const [relationship] of xml.matchAll(/<(?:\w+:)?Relationship\b[^>]{0,4000}>/gi)) {
    if (!/TargetMode\s*=\s*["']External["']/i.test(relationship)) continue;
    const opensItself = /\/(?:attachedTemplate|oleObject|frame|subDocument|externalLinkPath)["']/i.test(
      relationship,
    );
    const target = /\bTarget\s*=\s*["']([^"']{1,2000})/i.exec(relationship)?.[1] ?? '';
    if (opensItself && /^(?:https?:|ftp:|mhtml:|\\\\|file:\/\/[^/])/i.test(target)) return true;
  }
  return false;
}
