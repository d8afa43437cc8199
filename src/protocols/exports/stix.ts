import { type Tlp, uuidOfName } from '../../kernel/index.ts';
import {
  identityObject,
  indicatorId,
  indicatorObject,
  markingObject,
  type StixObject,
  type StixProducer,
} from '../stix/index.ts';
import type { ExportEntry, ExportFormat } from './entry.ts';

/** Of bundles; those of objects are made from the producer. */
const NAMESPACE = '6c1f9a52-7c0f-5f0c-9d4d-0f5b8f5d6a11';

/** `created` of our identity: it must never change, so it is the day on which this form was settled. */
const PRODUCER_CREATED_MS = Date.UTC(2026, 0, 1);

export function stixProducer(name: string): StixProducer {
  return { name, createdMs: PRODUCER_CREATED_MS };
}

/** One bundle of STIX 2.1 with the indicators and everything that they refer to. */
export const STIX: ExportFormat = {
  name: 'stix.json',
  about: 'STIX 2.1 bundle of indicators',
  type: 'application/stix+json;version=2.1',
  groups: ['ip', 'domain', 'url', 'hash', 'email'],
  paged: false,
  create(facts, out) {
    const producer = stixProducer(facts.producer);
    const marked = new Set<Tlp>();
    const put = (object: StixObject, separator = ',\n'): void =>
      out.write(`${separator}${JSON.stringify(object)}`);
    return {
      head() {
        const id = `bundle--${uuidOfName(NAMESPACE, `${facts.name} ${facts.group ?? 'all'} ${facts.generation}`)}`;
        out.write(`{"type":"bundle","id":"${id}","objects":[\n`);
        // Without the definition of our extension: the bundle schema of OASIS has two branches that it fits at once,
        // and so refuses it. TAXII collections have it.
        put(identityObject(producer), '');
      },
      entry(entry) {
        const object = stixIndicator(entry, producer, entry.addedAtS * 1000);
        if (object === undefined) return false;
        if (!marked.has(entry.tlp)) put(markingObject(entry.tlp));
        marked.add(entry.tlp);
        put(object);
        return true;
      },
      end: () => out.write('\n]}\n'),
    };
  },
};

/** An entry as an indicator of that version; `undefined`: it says neither good nor bad, which STIX has no word for. */
export function stixIndicator(
  entry: ExportEntry,
  producer: StixProducer,
  modifiedAtMs: number,
): StixObject | undefined {
  const { action } = entry;
  if (action === 'label') return undefined;
  return indicatorObject(
    {
      kind: entry.kind,
      value: entry.value,
      action,
      category: entry.category,
      severity: entry.severity,
      confidence: entry.confidence,
      tlp: entry.tlp,
      addedAtMs: entry.addedAtS * 1000,
      modifiedAtMs,
      firstSeenMs: milliseconds(entry.firstSeenS),
      lastSeenMs: milliseconds(entry.lastSeenS),
      expiresAtMs: milliseconds(entry.expiresAtS),
      note: entry.note,
      reference: entry.reference,
    },
    producer,
  );
}

/** Its id alone. */
export function stixIndicatorId(
  { kind, value, action }: ExportEntry,
  producer: StixProducer,
): string | undefined {
  return action === 'label' ? undefined : indicatorId({ kind, value, action }, producer);
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
