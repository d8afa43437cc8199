import type { Severity, StatedIndicator, StatedSink } from '../../kernel/index.ts';
import { indicatorsOf } from './indicators-of.ts';
import { isRecord, textOf, textsOf, timeOf } from './json.ts';
import { type Marking, markingOf, markingsOf } from './markings.ts';
import type { PatternValue } from './observables.ts';
import { isPatternError, parsePattern } from './parse.ts';
import { PATTERN_LIMITS, type PatternLimits } from './pattern.ts';
import { categoryOf, OWN_EXTENSION_ID } from './vocabulary.ts';

export interface StixLimits {
  readonly noteCharsMax: number;
  readonly pattern: PatternLimits;
}

/** A note is read by people in a table or a block page. */
export const STIX_LIMITS: StixLimits = { noteCharsMax: 500, pattern: PATTERN_LIMITS };

/**
 * Reads the indicators of a STIX document: a bundle of 2.0 or 2.1, a TAXII envelope, a list of objects or one object.
 * Other objects (reports, malware, sightings, observed data) say nothing about what to block and are passed over.
 * Of an object with several versions the newest counts.
 */
export function readStix(document: unknown, sink: StatedSink, limits: StixLimits = STIX_LIMITS): void {
  const objects = objectsOf(document);
  if (objects === undefined) {
    sink.problem({ position: 0, reason: 'neither a STIX bundle nor a list of STIX objects', text: '' });
    return;
  }
  const markings = new Map<string, Marking>();
  const newest = new Map<string, { readonly position: number; readonly version: number }>();
  objects.forEach((object, at) => {
    const id = isRecord(object) ? textOf(object['id']) : undefined;
    if (!isRecord(object) || id === undefined) return;
    if (object['type'] === 'marking-definition') {
      const marking = markingOf(object);
      if (marking !== undefined) markings.set(id, marking);
    } else if (object['type'] === 'indicator') {
      const version = timeOf(object['modified']) ?? timeOf(object['created']) ?? 0;
      const known = newest.get(id);
      if (known === undefined || version >= known.version) newest.set(id, { position: at + 1, version });
    }
  });
  const live: (() => void)[] = [];
  objects.forEach((object, at) => {
    const position = at + 1;
    if (!isRecord(object)) {
      sink.problem({ position, reason: 'not an object', text: typeof object });
      return;
    }
    if (object['type'] !== 'indicator') return;
    const id = textOf(object['id']);
    if (id === undefined) {
      sink.problem({ position, reason: 'an indicator without an id', text: '' });
      return;
    }
    if (newest.get(id)?.position !== position) return;
    const read = (): void => readIndicator(object, id, position, { markings, sink, limits });
    // What is revoked comes first, so that it does not take out what another indicator still says.
    if (object['revoked'] === true) read();
    else live.push(read);
  });
  for (const read of live) read();
}

interface Surroundings {
  readonly markings: ReadonlyMap<string, Marking>;
  readonly sink: StatedSink;
  readonly limits: StixLimits;
}

function readIndicator(
  object: Readonly<Record<string, unknown>>,
  id: string,
  position: number,
  { markings, sink, limits }: Surroundings,
): void {
  const pattern = textOf(object['pattern']);
  const problem = (reason: string, text = pattern ?? ''): void => sink.problem({ position, reason, text });
  if (pattern === undefined) return problem('an indicator without a pattern', id);
  // STIX 2.0 knows its own patterns only, and has no property to say so.
  const patternType = textOf(object['pattern_type']) ?? 'stix';
  if (patternType !== 'stix') return problem(`a pattern of type ${patternType.slice(0, 40)}, not stix`);

  const own = ownProperties(object);
  const types = textsOf(object['indicator_types']);
  const labels = textsOf(object['labels']);
  const isBenign = [...types, ...labels].some((word) => word.toLowerCase() === 'benign');
  if (isBenign && own.action === undefined)
    return problem('benign: what is fine by itself is neither blocked nor allowed');

  const tree = parsePattern(pattern, limits.pattern);
  if (isPatternError(tree))
    return problem(`not a pattern: ${tree.message}`, `at ${tree.position}: ${pattern}`);
  const { values, problems } = indicatorsOf(tree, pattern);
  for (const each of problems) problem(each.reason, each.text);

  const { tlp, statements } = markingsOf(object, markings);
  const confidence = object['confidence'];
  for (const value of values) {
    sink.indicator(
      {
        kind: value.kind === 'domain' && own.kind === 'host' ? 'host' : value.kind,
        value: value.value,
        action: own.action,
        category: own.category ?? categoryOf(labels, types),
        severity: own.severity,
        confidence: isConfidence(confidence) ? confidence : undefined,
        tlp,
        firstSeenMs: timeOf(object['valid_from']),
        lastSeenMs: own.lastSeenMs,
        expiresAtMs: earlier(timeOf(object['valid_until']), value.stopMs),
        note: noteOf(object, value, statements).slice(0, limits.noteCharsMax),
        reference: own.reference ?? id,
        isRevoked: object['revoked'] === true,
      },
      position,
    );
  }
}

function objectsOf(document: unknown): readonly unknown[] | undefined {
  if (Array.isArray(document)) return document as readonly unknown[];
  if (!isRecord(document)) return undefined;
  const { objects, type, id } = document;
  if (Array.isArray(objects)) return objects as readonly unknown[];
  // A bundle or an envelope without objects is empty (STIX 2.1 §8, TAXII 2.1 §3.7).
  if (type === 'bundle' || Object.keys(document).every((key) => key === 'more' || key === 'next')) return [];
  return typeof type === 'string' && typeof id === 'string' ? [document] : undefined;
}

/** Description or name, what the pattern asks for besides, and what markings state. */
function noteOf(
  object: Readonly<Record<string, unknown>>,
  value: PatternValue,
  statements: readonly string[],
): string {
  const name = textOf(object['name']);
  // Producers name an indicator after its value, with or without a scheme or a word before it.
  const isValue = name !== undefined && (value.value.endsWith(name) || name.endsWith(value.value));
  const about = textOf(object['description']) ?? (isValue ? undefined : name);
  return [about?.trim(), value.note, ...statements].filter(Boolean).join('; ');
}

interface OwnProperties {
  readonly kind: string | undefined;
  readonly action: StatedIndicator['action'];
  readonly category: string | undefined;
  readonly severity: Severity | undefined;
  readonly lastSeenMs: number | undefined;
  readonly reference: string | undefined;
}

/** What `indicatorObject` wrote, from a gateway like this one. */
function ownProperties(object: Readonly<Record<string, unknown>>): OwnProperties {
  const { extensions } = object;
  const own = isRecord(extensions) ? extensions[OWN_EXTENSION_ID] : undefined;
  const from: Readonly<Record<string, unknown>> = isRecord(own) ? own : {};
  const { action, severity } = from;
  return {
    kind: textOf(from['kind']),
    action: action === 'allow' || action === 'block' ? action : undefined,
    category: textOf(from['category']),
    severity:
      severity === 'low' || severity === 'medium' || severity === 'high' || severity === 'critical'
        ? severity
        : undefined,
    lastSeenMs: timeOf(from['last_seen']),
    reference: textOf(from['reference']),
  };
}

function isConfidence(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100;
}

function earlier(x: number | undefined, y: number | undefined): number | undefined {
  if (x === undefined || y === undefined) return x ?? y;
  return Math.min(x, y);
}
