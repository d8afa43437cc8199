import { createHash } from 'node:crypto';
import { uuidOfName } from '../../kernel/index.ts';
import { mispAttribute, mispOrganization } from '../misp/index.ts';
import type { ExportEntry, ExportFacts, ExportFormat, ExportSink, ExportWriter } from './entry.ts';

/**
 * A MISP feed: `manifest.json`, one document an event, and `hashes.csv`, where MISP looks for a value before it
 * fetches events. It is written as it is read: no list is too long for it. A long list is several events, because
 * MISP reads an event as a whole.
 */
export const MISP: ExportFormat = {
  name: 'misp',
  about: 'MISP feed: misp/manifest.json, events, misp/hashes.csv',
  type: 'application/json',
  groups: ['ip', 'domain', 'url', 'hash', 'email'],
  paged: false,
  create: (facts, out) => new MispWriter(facts, out),
};

class MispWriter implements ExportWriter {
  readonly passes = 2;
  readonly #facts: ExportFacts;
  readonly #out: ExportSink;
  readonly #organization: ReturnType<typeof mispOrganization>;
  readonly #uuids: string[] = [];
  #inEvent = 0;
  #hashes = 0;

  constructor(facts: ExportFacts, out: ExportSink) {
    this.#facts = facts;
    this.#out = out;
    this.#organization = mispOrganization(facts.producer);
  }

  head(): void {}

  entry(entry: ExportEntry, pass: number): boolean {
    const { action } = entry;
    // MISP says bad or not bad. What was left out in the first pass is not left out once more.
    if (action === 'label') return pass === 1;
    const attribute = mispAttribute(
      {
        ...entry,
        action,
        modifiedAtMs: entry.addedAtS * 1000,
        firstSeenMs: milliseconds(entry.firstSeenS),
        lastSeenMs: milliseconds(entry.lastSeenS),
      },
      uuidOfName(this.#organization.uuid, JSON.stringify([this.#facts.name, entry.kind, entry.value])),
    );
    if (pass === 0) this.#attribute(attribute);
    else this.#hash(attribute.value);
    return true;
  }

  end(pass: number): void {
    if (pass === 0) {
      this.#endEvent();
      this.#out.part('hashes.csv');
      return;
    }
    this.#out.part('manifest.json');
    const events = this.#uuids.map((uuid, at) => [uuid, this.#event(at)] as const);
    this.#out.write(`${JSON.stringify(Object.fromEntries(events))}\n`);
  }

  #attribute(attribute: object): void {
    if (this.#inEvent === 0) this.#startEvent();
    this.#out.write(`${this.#inEvent === 0 ? '' : ',\n'}${JSON.stringify(attribute)}`);
    this.#inEvent++;
    if (this.#inEvent >= this.#facts.eventEntriesMax) this.#endEvent();
  }

  #startEvent(): void {
    const { name, group } = this.#facts;
    const at = this.#uuids.length;
    const uuid = uuidOfName(this.#organization.uuid, JSON.stringify(['event', name, group ?? 'all', at]));
    this.#uuids.push(uuid);
    this.#out.part(`${uuid}.json`);
    // The members of the event, and then its attributes one by one.
    const head = JSON.stringify({ uuid, published: true, ...this.#event(at) });
    this.#out.write(`{"Event":${head.slice(0, -1)},"Attribute":[\n`);
  }

  #endEvent(): void {
    if (this.#inEvent > 0) this.#out.write('\n]}}\n');
    this.#inEvent = 0;
  }

  #hash(value: string): void {
    const uuid = this.#uuids[Math.floor(this.#hashes / this.#facts.eventEntriesMax)] ?? '';
    this.#hashes++;
    this.#out.write(`${createHash('md5').update(value).digest('hex')},${uuid}\n`);
  }

  #event(at: number) {
    const { name, changedAtS } = this.#facts;
    return {
      info: at === 0 ? name : `${name}, part ${at + 1}`,
      date: new Date(changedAtS * 1000).toISOString().slice(0, 10),
      timestamp: String(changedAtS),
      // Undefined: severities are those of the attributes.
      threat_level_id: '4',
      analysis: '2',
      distribution: '3',
      Orgc: this.#organization,
      Tag: [{ name: 'type:OSINT' }],
    };
  }
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
