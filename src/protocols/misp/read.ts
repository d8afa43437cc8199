import type { StatedSink } from '../../kernel/index.ts';
import { isRecord, isYes, type JsonRecord, recordsOf, seenOf, textOf } from './json.ts';
import { tagsOf } from './tags.ts';
import { attributeValue, isLookedUp, severityOf } from './types.ts';

export interface MispOptions {
  /** Only attributes that are meant for detection; the rest is context, and often names victims. */
  readonly toIdsOnly: boolean;
  readonly noteCharsMax: number;
}

export const MISP_OPTIONS: MispOptions = { toIdsOnly: true, noteCharsMax: 500 };

/**
 * Reads what MISP exports: an event, the answer of a search (events or attributes), or a list of them. Proposals and
 * sightings are passed over, and so is what is neither meant for detection nor of a type that is looked up.
 */
export function readMisp(document: unknown, sink: StatedSink, options: MispOptions = MISP_OPTIONS): void {
  const events = eventsOf(document);
  if (events === undefined) {
    sink.problem({ position: 0, reason: 'neither a MISP event nor an answer of MISP', text: '' });
    return;
  }
  const places = events.flatMap((event) => [
    ...recordsOf(event['Attribute']).map((attribute) => ({ event, attribute, object: undefined })),
    ...recordsOf(event['Object']).flatMap((object) =>
      recordsOf(object['Attribute']).map((attribute) => ({ event, attribute, object })),
    ),
  ]);
  const numbered = places.map((place, at): Place => {
    const { Event: own } = place.attribute;
    // What answers a search for attributes brings the event along.
    return { ...place, event: isRecord(own) ? own : place.event, position: at + 1 };
  });
  // What is deleted comes first, so that it does not take out what another attribute still says.
  for (const place of numbered) if (isDeleted(place)) readAttribute(place, sink, options);
  for (const place of numbered) if (!isDeleted(place)) readAttribute(place, sink, options);
}

interface Place {
  readonly event: JsonRecord;
  readonly object: JsonRecord | undefined;
  readonly attribute: JsonRecord;
  readonly position: number;
}

function readAttribute(
  { event, object, attribute, position }: Place,
  sink: StatedSink,
  options: MispOptions,
): void {
  const [type, text] = [textOf(attribute['type']), textOf(attribute['value'])];
  const problem = (reason: string): void => sink.problem({ position, reason, text: text ?? '' });
  if (type === undefined || text === undefined) return problem('an attribute without type or value');
  if (options.toIdsOnly && !isYes(attribute['to_ids'])) {
    if (isLookedUp(type)) problem('to_ids is not set: not meant for detection');
    return;
  }
  const value = attributeValue(type, text.trim());
  if (typeof value === 'string') return problem(value);
  const tags = tagsOf([event, attribute]);
  const comment = [attribute['comment'], object?.['comment'], event['info']].map(textOf).find(Boolean);
  sink.indicator(
    {
      kind: value.kind === 'address' && value.value.includes('/') ? 'network' : value.kind,
      value: value.value,
      action: undefined,
      category: tags.category ?? categoryOf(textOf(attribute['category'])),
      severity: tags.severity ?? severityOf(event['threat_level_id']),
      confidence: tags.confidence,
      tlp: tags.tlp,
      firstSeenMs: seenOf(attribute['first_seen']) ?? seenOf(object?.['first_seen']),
      lastSeenMs: seenOf(attribute['last_seen']) ?? seenOf(object?.['last_seen']),
      expiresAtMs: undefined,
      note: [value.note, comment].filter(Boolean).join(', ').slice(0, options.noteCharsMax),
      reference: textOf(event['uuid']) ?? textOf(attribute['uuid']) ?? '',
      isRevoked: isDeleted({ event, object, attribute }),
    },
    position,
  );
}

function isDeleted({ event, object, attribute }: Omit<Place, 'position'>): boolean {
  return [attribute, object, event].some((each) => isYes(each?.['deleted']));
}

/** Categories of attributes that say what a value does; `Network activity` and others say where it was seen. */
function categoryOf(category: string | undefined): string | undefined {
  switch (category) {
    case 'Payload delivery':
    case 'Payload installation':
    case 'Artifacts dropped':
      return 'malware';
    case 'Financial fraud':
      return 'scam';
    default:
      return undefined;
  }
}

function eventsOf(document: unknown): readonly JsonRecord[] | undefined {
  const answer = isRecord(document) && document['response'] !== undefined ? document['response'] : document;
  const list = Array.isArray(answer) ? (answer as readonly unknown[]) : [answer];
  const events = list.flatMap((item) => {
    if (!isRecord(item)) return [];
    const event = item['Event'];
    if (isRecord(event) && item['type'] === undefined) return [event];
    // A bare event, or the attributes of a search.
    return ['Attribute', 'Object', 'info'].some((key) => item[key] !== undefined) ? [item] : [];
  });
  return events.length === 0 && list.length > 0 ? undefined : events;
}
