import { type Tlp, uuidOfName } from '../../kernel/index.ts';
import type { IndicatorEntry, StixBundle, StixObject, StixProducer } from './objects.ts';
import {
  indicatorTypeOf,
  OWN_EXTENSION_ID,
  OWN_NAMESPACE,
  TLP_EXTENSION_ID,
  TLP_MARKINGS,
  TLP_MARKINGS_CREATED,
} from './vocabulary.ts';

/**
 * An entry as a STIX 2.1 indicator. The id depends on the producer, the value and what is done about it alone, so
 * the same entry has the same id in every export, and a change of anything else is a new version of it.
 */
export function indicatorObject(entry: IndicatorEntry, producer: StixProducer): StixObject {
  const { kind, value, action, category, expiresAtMs } = entry;
  const validFromMs = entry.firstSeenMs ?? entry.addedAtMs;
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: indicatorId(entry, producer),
    created_by_ref: identityId(producer),
    created: timestamp(entry.addedAtMs),
    modified: timestamp(Math.max(entry.addedAtMs, entry.modifiedAtMs)),
    ...(entry.isRevoked === true ? { revoked: true } : {}),
    name: value,
    ...(entry.note === '' ? {} : { description: entry.note }),
    indicator_types: [indicatorTypeOf(action, category)],
    pattern: patternOf(kind, value),
    pattern_type: 'stix',
    pattern_version: '2.1',
    // §4.7.1: valid_until is later than valid_from.
    valid_from: timestamp(expiresAtMs === undefined ? validFromMs : Math.min(validFromMs, expiresAtMs - 1)),
    ...(expiresAtMs === undefined ? {} : { valid_until: timestamp(expiresAtMs) }),
    ...(category === '' ? {} : { labels: [category] }),
    confidence: entry.confidence,
    ...(/^https?:\/\//.test(entry.reference)
      ? { external_references: [{ source_name: 'reference', url: entry.reference }] }
      : {}),
    object_marking_refs: [TLP_MARKINGS[entry.tlp]],
    extensions: { [OWN_EXTENSION_ID]: ownProperties(entry) },
  };
}

export function indicatorId(
  { kind, value, action }: Pick<IndicatorEntry, 'kind' | 'value' | 'action'>,
  producer: StixProducer,
): string {
  return `indicator--${uuidOfName(producerUuid(producer), JSON.stringify([action, kind, value]))}`;
}

/** The producer, for `created_by_ref`. */
export function identityObject(producer: StixProducer): StixObject {
  return {
    type: 'identity',
    spec_version: '2.1',
    id: identityId(producer),
    created: timestamp(producer.createdMs),
    modified: timestamp(producer.createdMs),
    name: producer.name,
    identity_class: 'system',
  };
}

/** The marking definition of TLP 2.0 that indicators refer to. */
export function markingObject(tlp: Tlp): StixObject {
  return {
    type: 'marking-definition',
    spec_version: '2.1',
    id: TLP_MARKINGS[tlp],
    created: TLP_MARKINGS_CREATED,
    name: `TLP:${tlp.toUpperCase()}`,
    extensions: { [TLP_EXTENSION_ID]: { extension_type: 'property-extension', tlp_2_0: tlp } },
  };
}

/** What the extension of our indicators means; goes along wherever they do (§7.3.2). */
export function extensionObject(producer: StixProducer): StixObject {
  return {
    type: 'extension-definition',
    spec_version: '2.1',
    id: OWN_EXTENSION_ID,
    created_by_ref: identityId(producer),
    created: timestamp(producer.createdMs),
    modified: timestamp(producer.createdMs),
    name: 'Sallyport list entry',
    description: 'What a gateway does about an indicator, beyond its pattern',
    // §7.3.1: a text that explains the extension, where there is no address of a schema.
    schema: EXTENSION_TEXT,
    version: '1.0.0',
    extension_types: ['property-extension'],
  };
}

const EXTENSION_TEXT = [
  'kind: domain (matches names below it, too), host (exactly that name), url (without scheme), address, network, hash, email',
  'action: block or allow',
  'category: text',
  'severity: low, medium, high or critical',
  'last_seen: timestamp',
  'reference: text, where the producer has it from',
].join('; ');

/** Everything that the indicators of a producer refer to: for the head of a bundle or collection. */
export function contextObjects(producer: StixProducer, tlps: Iterable<Tlp>): readonly StixObject[] {
  return [
    identityObject(producer),
    extensionObject(producer),
    ...[...new Set(tlps)].map((tlp) => markingObject(tlp)),
  ];
}

/** The id follows from the objects and their versions. */
export function bundleOf(objects: readonly StixObject[], producer: StixProducer): StixBundle {
  const versions = objects.map(({ id, modified, created }) => [id, modified ?? created]);
  const id = `bundle--${uuidOfName(producerUuid(producer), JSON.stringify(versions))}`;
  return { type: 'bundle', id, ...(objects.length === 0 ? {} : { objects }) };
}

/** The pattern that finds a canonical value. */
export function patternOf(kind: IndicatorEntry['kind'], value: string): string {
  switch (kind) {
    case 'domain':
    case 'host':
      return equals('domain-name:value', value);
    case 'url':
      // Canonical URLs have no scheme, those of STIX do (§6.15). Look-ups here know none, so any of the two finds it.
      return `[url:value = ${quoted(`http://${value}`)} OR url:value = ${quoted(`https://${value}`)}]`;
    case 'address':
      return equals(`${addressType(value)}:value`, value);
    case 'network':
      return `[${addressType(value)}:value ISSUBSET ${quoted(value)}]`;
    case 'hash':
      return equals(`file:hashes.${hashName(value)}`, value);
    case 'email':
      return equals('email-addr:value', value);
  }
}

/** §9.3: only the quote and the backslash are escaped. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (char) => `\\${char}`)}'`;
}

function equals(path: string, value: string): string {
  return `[${path} = ${quoted(value)}]`;
}

function addressType(value: string): string {
  return value.includes(':') ? 'ipv6-addr' : 'ipv4-addr';
}

/** §10.6: names with a hyphen are quoted (§9.6). */
function hashName(hex: string): string {
  if (hex.length === 32) return 'MD5';
  return hex.length === 40 ? "'SHA-1'" : "'SHA-256'";
}

function ownProperties(entry: IndicatorEntry): Readonly<Record<string, string>> {
  return {
    extension_type: 'property-extension',
    kind: entry.kind,
    action: entry.action,
    ...(entry.category === '' ? {} : { category: entry.category }),
    ...(entry.severity === undefined ? {} : { severity: entry.severity }),
    ...(entry.lastSeenMs === undefined ? {} : { last_seen: timestamp(entry.lastSeenMs) }),
    ...(entry.reference === '' ? {} : { reference: entry.reference }),
  };
}

function identityId(producer: StixProducer): string {
  return `identity--${producerUuid(producer)}`;
}

function producerUuid(producer: StixProducer): string {
  return uuidOfName(OWN_NAMESPACE, producer.name);
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}
