import type { Severity } from '../../kernel/index.ts';
import { checksumSteps, type PrefixSet } from '../../protocols/safe-browsing/index.ts';
import type { IndicatorReader } from '../indicators/index.ts';
import type { Threat, ThreatOf } from './categories.ts';
import { type Audience, isTold } from './lists.ts';
import { type Pacing, runSteps, unionSteps } from './steps.ts';
import { contentOf } from './token.ts';
import type { ListVersion, VersionStore } from './versions.ts';

/** One list, as one kind of client gets it. */
export interface ListKey {
  readonly threat: Threat;
  readonly audience: Audience;
  /** Entries that it may have at most. */
  readonly entriesMax: number;
}

interface Latest {
  readonly generation: string;
  readonly version: ListVersion;
  readonly atMs: number;
  readonly tookMs: number;
}

export interface BuilderOptions {
  readonly reader: Pick<IndicatorReader, 'generation' | 'prefixes'>;
  readonly threatOf: ThreatOf;
  readonly pacing: Pacing;
  readonly versions: VersionStore;
  /** A list is made anew after this time even when no import happened: entries expire. */
  readonly ageMsMax: number;
  built?(key: ListKey, version: ListVersion, tookMs: number): void;
}

/** While indicators change all the time, lists are made in at most this part of the time: one tenth. */
const REST = 9;
const NOTICEABLE_MS = 50;
/** Where a list is too long, the worst come first. */
const WORST_FIRST: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** Makes lists when somebody asks for them, one after the other, and again when the indicators have changed. */
export class ListBuilder {
  readonly #options: BuilderOptions;
  readonly #latest = new Map<string, Latest>();
  readonly #building = new Map<string, Promise<ListVersion>>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  async latest(key: ListKey): Promise<ListVersion> {
    const name = `${key.threat}:${key.audience}:${key.entriesMax}`;
    const latest = this.#latest.get(name);
    if (latest !== undefined && this.#serves(latest)) return this.#options.versions.keep(latest.version);
    let building = this.#building.get(name);
    if (building === undefined) {
      building = this.#queue.then(() => this.#build(key, name));
      this.#queue = building.catch(() => undefined);
      this.#building.set(name, building);
      void this.#queue.then(() => this.#building.delete(name));
    }
    return building;
  }

  #serves({ generation, atMs, tookMs }: Latest): boolean {
    const { reader, pacing, ageMsMax } = this.#options;
    const ageMs = pacing.clock.monotonic() - atMs;
    if (tookMs > NOTICEABLE_MS && ageMs < tookMs * REST) return true;
    return generation === reader.generation && ageMs < ageMsMax;
  }

  async #build(key: ListKey, name: string): Promise<ListVersion> {
    const { reader, pacing, versions } = this.#options;
    const { generation } = reader;
    const startMs = pacing.clock.monotonic();
    const prefixes = await this.#prefixes(key);
    const checksum = await runSteps(checksumSteps({ prefixes, longer: [] }), pacing);
    const content = contentOf(checksum);
    const version = versions.keep({ threat: key.threat, prefixes, checksum, content });
    const atMs = pacing.clock.monotonic();
    this.#latest.set(name, { generation, version, atMs, tookMs: atMs - startMs });
    this.#options.built?.(key, version, atMs - startMs);
    return version;
  }

  /** Never holds more than the list may have, however many there are: the reader asks in the order of the hashes. */
  async #prefixes(key: ListKey): Promise<PrefixSet> {
    const { entriesMax } = key;
    const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0 };
    let taken = 0;
    const lowest = await this.#select(key, (severity) => {
      counts[severity]++;
      return ++taken <= entriesMax;
    });
    if (taken <= entriesMax) return lowest;
    const { fitting, cut } = worstThatFit(counts, entriesMax);
    const base =
      fitting.length === 0 ? NONE : await this.#select(key, (severity) => fitting.includes(severity));
    // Hashes are as good as random: the lowest ones are a sample that stays nearly the same when entries come and go.
    const room = entriesMax - base.length;
    const isAll = WORST_FIRST.every((severity) => severity === cut || counts[severity] === 0);
    let cutTaken = 0;
    const tier = isAll
      ? lowest
      : await this.#select(key, (severity) => severity === cut && ++cutTaken <= room);
    return runSteps(unionSteps(base, tier.subarray(0, room)), this.#options.pacing);
  }

  #select({ threat, audience }: ListKey, takes: (severity: Severity) => boolean): Promise<Uint32Array> {
    const { reader, threatOf } = this.#options;
    return reader.prefixes(
      (entry) => isTold(audience, entry.tlp) && threatOf(entry) === threat && takes(entry.severity),
    );
  }
}

const NONE: PrefixSet = new Uint32Array(0);

/** The severities that fit as a whole, and the one that is cut. */
function worstThatFit(counts: Readonly<Record<Severity, number>>, entriesMax: number) {
  const fitting: Severity[] = [];
  let room = entriesMax;
  for (const severity of WORST_FIRST) {
    if (counts[severity] > room) return { fitting, cut: severity };
    room -= counts[severity];
    if (counts[severity] > 0) fitting.push(severity);
  }
  return { fitting, cut: undefined };
}
