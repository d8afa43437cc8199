import type { Clock, Log, Metrics } from '../../kernel/index.ts';
import { checksumSteps, type PrefixSet } from '../../protocols/safe-browsing/index.ts';
import type { IndicatorReader } from '../indicators/index.ts';
import type { VerdictEngine } from '../verdict/index.ts';
import { AnswerCache } from './answers.ts';
import { ListBuilder } from './builder.ts';
import { threatMapping, THREATS, type Threat } from './categories.ts';
import { type PlannedUpdate, v4Steps, type V4Update, v5Steps, type V5Update } from './encode.ts';
import { createHashFinder, type HashFinder } from './full-hashes.ts';
import type { Audience } from './lists.ts';
import { nextTurn } from './pause.io.ts';
import { planSteps } from './plan.ts';
import type { SafeBrowsingSettings } from './settings.ts';
import { type Pacing, runSteps } from './steps.ts';
import { stateOfToken, stateToken } from './token.ts';
import { type ListVersion, VersionStore } from './versions.ts';

/** A client asks for one list. */
export interface UpdateRequest {
  readonly threat: Threat;
  readonly audience: Audience;
  /** State or version that it has; empty: nothing. */
  readonly token: Uint8Array;
  /** Changes that it takes in one update; 0: any number. */
  readonly updateEntriesMax: number;
  /** Entries that it wants to keep; 0: any number. */
  readonly databaseEntriesMax: number;
}

/** An update; `isWhole` is false when more is to be had at once. */
export interface GivenUpdate<T> {
  readonly update: T;
  readonly isWhole: boolean;
}

/** Lists of hash prefixes for Safe Browsing clients, made of the indicators when they are asked for. */
export interface SafeBrowsing extends HashFinder {
  readonly settings: SafeBrowsingSettings;
  updateV4(request: UpdateRequest, rice: boolean): Promise<GivenUpdate<V4Update>>;
  updateV5(request: UpdateRequest): Promise<GivenUpdate<V5Update>>;
  /** The list that a version belongs to; `undefined`: not one of ours. */
  threatOfToken(token: Uint8Array): Threat | undefined;
}

export interface SafeBrowsingOptions {
  readonly reader: Pick<IndicatorReader, 'generation' | 'prefixes' | 'byPrefix'>;
  readonly verdicts: Pick<VerdictEngine, 'evaluateUrl'>;
  readonly settings: SafeBrowsingSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  pause?(): Promise<void>;
}

export function createSafeBrowsing(options: SafeBrowsingOptions): SafeBrowsing {
  return new Lists(options);
}

class Lists implements SafeBrowsing {
  readonly settings: SafeBrowsingSettings;
  readonly find: HashFinder['find'];
  readonly threatsOf: HashFinder['threatsOf'];
  readonly #pacing: Pacing;
  readonly #versions: VersionStore;
  readonly #builder: ListBuilder;
  readonly #v4: AnswerCache<GivenUpdate<V4Update>>;
  readonly #v5: AnswerCache<GivenUpdate<V5Update>>;
  readonly #count: (threat: Threat, kind: 'full' | 'partial' | 'none') => void;

  constructor(options: SafeBrowsingOptions) {
    const { reader, settings, clock, log, metrics } = options;
    this.settings = settings;
    this.#pacing = { clock, pause: options.pause ?? nextTurn };
    this.#versions = new VersionStore(settings.versionsBytesMax);
    const threatOf = threatMapping(settings);
    this.#builder = new ListBuilder({
      reader,
      threatOf,
      pacing: this.#pacing,
      versions: this.#versions,
      ageMsMax: settings.minimumWaitMs,
      built: ({ threat, audience, entriesMax }, { prefixes }, tookMs) => {
        metrics.gauge('safe_browsing_entries', threat).set(prefixes.length);
        const fields = {
          list: threat,
          audience,
          entriesMax,
          entries: prefixes.length,
          ms: Math.round(tookMs),
        };
        log.info('safe-browsing.list', fields);
      },
    });
    // Each form has its share; clients mostly speak one.
    this.#v4 = new AnswerCache(settings.answersBytesMax / 2, ({ update }) => v4Bytes(update));
    this.#v5 = new AnswerCache(settings.answersBytesMax / 2, ({ update }) => v5Bytes(update));
    const finder = createHashFinder({ ...options, threatOf });
    const found = metrics.counter('safe_browsing_full_hashes_total', 'found');
    const none = metrics.counter('safe_browsing_full_hashes_total', 'none');
    this.find = (prefix, audience) => {
      const hashes = finder.find(prefix, audience);
      (hashes.length > 0 ? found : none).add();
      return hashes;
    };
    this.threatsOf = (verdict, audience) => finder.threatsOf(verdict, audience);
    const slots = new Map(
      THREATS.flatMap((threat) =>
        (['full', 'partial', 'none'] as const).map((kind) => [
          `${threat} ${kind}`,
          metrics.counter('safe_browsing_updates_total', threat, kind),
        ]),
      ),
    );
    this.#count = (threat, kind) => slots.get(`${threat} ${kind}`)?.add();
  }

  async updateV4(request: UpdateRequest, rice: boolean): Promise<GivenUpdate<V4Update>> {
    const question = await this.#question(request);
    const given = await this.#v4.get(`${question.key} ${rice}`, async () => {
      const planned = await this.#planned(question);
      return { update: await runSteps(v4Steps(planned, rice), this.#pacing), isWhole: planned.isWhole };
    });
    const { responseType, additions, removals } = given.update;
    this.#counted(request.threat, responseType === 2, additions?.length !== 0 || removals?.length !== 0);
    return given;
  }

  async updateV5(request: UpdateRequest): Promise<GivenUpdate<V5Update>> {
    const question = await this.#question(request);
    const given = await this.#v5.get(question.key, async () => {
      const planned = await this.#planned(question);
      return { update: await runSteps(v5Steps(planned), this.#pacing), isWhole: planned.isWhole };
    });
    const { partialUpdate, additionsFourBytes, compressedRemovals } = given.update;
    const isChanged = additionsFourBytes !== undefined || compressedRemovals !== undefined;
    this.#counted(request.threat, partialUpdate !== true, isChanged);
    return given;
  }

  threatOfToken(token: Uint8Array): Threat | undefined {
    return stateOfToken(token)?.threat;
  }

  async #question(request: UpdateRequest): Promise<Question> {
    const { threat, audience, token } = request;
    const entriesMax = this.#entriesMax(request);
    const target = await this.#builder.latest({ threat, audience, entriesMax });
    const state = stateOfToken(token);
    const held = state?.threat === threat ? this.#versions.held(state) : undefined;
    const updateEntriesMax = Math.max(0, request.updateEntriesMax);
    // What is not known leads to the same full update, whatever it is.
    const from = held === undefined ? '' : Buffer.from(token).toString('base64');
    const key = [threat, audience, entriesMax, target.content, from, updateEntriesMax].join(' ');
    return { key, target, held, updateEntriesMax };
  }

  async #planned({
    target,
    held,
    updateEntriesMax,
  }: Question): Promise<PlannedUpdate & { isWhole: boolean }> {
    const { threat, prefixes, content } = target;
    const plan = await runSteps(planSteps(held, prefixes, updateEntriesMax), this.#pacing);
    const isWhole = plan.count === prefixes.length;
    const checksum = isWhole
      ? target.checksum
      : await runSteps(
          checksumSteps({ prefixes: prefixes.subarray(0, plan.count), longer: [] }),
          this.#pacing,
        );
    return { ...plan, token: stateToken({ threat, content, count: plan.count }), checksum, isWhole };
  }

  #counted(threat: Threat, isFull: boolean, isChanged: boolean): void {
    this.#count(threat, isFull ? 'full' : isChanged ? 'partial' : 'none');
  }

  /** Bounds that clients set are rounded down to powers of two: few lists, each made once. */
  #entriesMax({ databaseEntriesMax }: UpdateRequest): number {
    const { entriesMax } = this.settings;
    const isBound = databaseEntriesMax > 0 && databaseEntriesMax < entriesMax;
    return isBound ? 2 ** Math.floor(Math.log2(databaseEntriesMax)) : entriesMax;
  }
}

/** A request with what is known of it. */
interface Question {
  /** Equal for requests that have the same answer. */
  readonly key: string;
  readonly target: ListVersion;
  readonly held: PrefixSet | undefined;
  readonly updateEntriesMax: number;
}

function v4Bytes({ additions = [], removals = [] }: V4Update): number {
  const sizes = [...additions, ...removals].map(
    (set) =>
      (set.rawHashes?.rawHashes?.length ?? 0) +
      (set.riceHashes?.encodedData?.length ?? 0) +
      (set.riceIndices?.encodedData?.length ?? 0) +
      (set.rawIndices?.indices?.length ?? 0) * 8,
  );
  return sizes.reduce((sum, size) => sum + size, OVERHEAD_BYTES);
}

function v5Bytes({ additionsFourBytes, compressedRemovals }: V5Update): number {
  const additions = additionsFourBytes?.encodedData?.length ?? 0;
  return additions + (compressedRemovals?.encodedData?.length ?? 0) + OVERHEAD_BYTES;
}

/** What an answer costs besides its data. */
const OVERHEAD_BYTES = 500;
