import { createHash } from 'node:crypto';
import { type Severity, type StatedIndicator, type Tlp, TLPS, uuidOfName } from '../../kernel/index.ts';
import { OWN_NAMESPACE_TAG } from './tags.ts';

/** An entry that is to become an attribute. Values are canonical, as in `ListEntry`. */
export interface MispEntry {
  readonly kind: StatedIndicator['kind'];
  readonly value: string;
  readonly action: 'allow' | 'block';
  readonly category: string;
  readonly severity: Severity | undefined;
  readonly confidence: number;
  readonly tlp: Tlp;
  /** When it last changed. */
  readonly modifiedAtMs: number;
  readonly firstSeenMs?: number | undefined;
  readonly lastSeenMs?: number | undefined;
  readonly note: string;
}

export interface MispFeedOptions {
  /** Stable: the ids of events and attributes depend on it. */
  readonly name: string;
  /** Name of the organization; its UUID follows from it. */
  readonly organization: string;
  /** Attributes that one event may have, more or less; MISP gets slow with more than some ten thousand. */
  readonly eventAttributesMax: number;
}

/** The files of a feed, by name. */
export interface MispFeedFiles {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** By UUID: the documents of `{uuid}.json`. */
  readonly events: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** `md5(value),uuid` a line: MISP looks here for values before it fetches events. */
  readonly hashesCsv: string;
}

/** Namespace of organizations; theirs are namespaces in turn. */
const NAMESPACE = '3b0f6c0e-2a55-5d0b-8a77-54d1b0e5c9aa';

/**
 * A feed in MISP's own format. Which event an entry belongs to follows from its value, and the number of events is a
 * power of two, so entries that come and go do not move the others from event to event.
 */
export function mispFeed(entries: readonly MispEntry[], options: MispFeedOptions): MispFeedFiles {
  const organization = mispOrganization(options.organization);
  let count = 1;
  while (count * options.eventAttributesMax < entries.length) count *= 2;
  const events: { uuid: string; attributes: MispAttribute[]; timestampS: number; tlp: number }[] = Array.from(
    { length: count },
    (_, at) => ({
      uuid: uuidOfName(organization.uuid, `event ${options.name} ${at} of ${count}`),
      attributes: [],
      timestampS: 0,
      tlp: 0,
    }),
  );
  for (const entry of entries) {
    const attribute = mispAttribute(
      entry,
      uuidOfName(organization.uuid, JSON.stringify([options.name, entry.kind, entry.value])),
    );
    const event = events[Number.parseInt(attribute.uuid.slice(0, 8), 16) % count]!;
    event.attributes.push(attribute);
    event.timestampS = Math.max(event.timestampS, Number(attribute.timestamp));
    event.tlp = Math.max(event.tlp, TLPS.indexOf(entry.tlp));
  }

  const manifest: Record<string, unknown> = {};
  const documents = new Map<string, Readonly<Record<string, unknown>>>();
  const hashes: string[] = [];
  events.forEach(({ uuid, attributes, timestampS, tlp }, at) => {
    const head = {
      info: count === 1 ? options.name : `${options.name} (${at + 1} of ${count})`,
      date: new Date(timestampS * 1000).toISOString().slice(0, 10),
      timestamp: String(timestampS),
      threat_level_id: '4',
      analysis: '2',
      Orgc: organization,
      // The event as a whole may be told to whom its strictest attribute may.
      Tag: [tlpTag(TLPS[tlp]!)],
    };
    manifest[uuid] = head;
    documents.set(uuid, {
      Event: { uuid, ...head, publish_timestamp: String(timestampS), published: true, Attribute: attributes },
    });
    for (const { value } of attributes)
      hashes.push(`${createHash('md5').update(value).digest('hex')},${uuid}\n`);
  });
  return { manifest, events: documents, hashesCsv: hashes.join('') };
}

/** The organization of a name, the same in every feed. */
export function mispOrganization(name: string): { readonly name: string; readonly uuid: string } {
  return { name, uuid: uuidOfName(NAMESPACE, name) };
}

export interface MispAttribute {
  readonly uuid: string;
  readonly value: string;
  readonly timestamp: string;
  readonly [property: string]: unknown;
}

/** One attribute, as an event holds it. */
export function mispAttribute(entry: MispEntry, uuid: string): MispAttribute {
  const { type, category } = typeOf(entry);
  const own = (name: string, text: string): { readonly name: string; readonly colour: string } => ({
    name: `${OWN_NAMESPACE_TAG}:${name}="${text.replaceAll('"', "'")}"`,
    colour: '#5f6b7a',
  });
  return {
    uuid,
    type,
    category,
    to_ids: entry.action === 'block',
    value: entry.kind === 'url' ? `http://${entry.value}` : entry.value,
    comment: entry.note,
    timestamp: String(Math.floor(entry.modifiedAtMs / 1000)),
    distribution: '5',
    disable_correlation: false,
    deleted: false,
    ...(entry.firstSeenMs === undefined ? {} : { first_seen: new Date(entry.firstSeenMs).toISOString() }),
    ...(entry.lastSeenMs === undefined ? {} : { last_seen: new Date(entry.lastSeenMs).toISOString() }),
    Tag: [
      tlpTag(entry.tlp),
      ...(entry.category === '' ? [] : [own('category', entry.category)]),
      ...(entry.severity === undefined ? [] : [own('severity', entry.severity)]),
      own('confidence', String(entry.confidence)),
    ],
  };
}

function typeOf({ kind, value }: MispEntry): { readonly type: string; readonly category: string } {
  switch (kind) {
    case 'domain':
      return { type: 'domain', category: 'Network activity' };
    case 'host':
      return { type: 'hostname', category: 'Network activity' };
    case 'url':
      return { type: 'url', category: 'Network activity' };
    case 'address':
    case 'network':
      return { type: 'ip-dst', category: 'Network activity' };
    case 'hash':
      return {
        type: value.length === 32 ? 'md5' : value.length === 40 ? 'sha1' : 'sha256',
        category: 'Payload delivery',
      };
    case 'email':
      return { type: 'email-src', category: 'Payload delivery' };
  }
}

/** With the colors of TLP 2.0 (FIRST). */
function tlpTag(tlp: Tlp): { readonly name: string; readonly colour: string } {
  const colour = {
    clear: '#FFFFFF',
    green: '#33FF00',
    amber: '#FFC000',
    'amber+strict': '#FFC000',
    red: '#FF2B2B',
  }[tlp];
  return { name: `tlp:${tlp}`, colour };
}
