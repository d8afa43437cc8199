import { createHash } from 'node:crypto';
import type { Clock, EdgeLinks, Log } from '../../kernel/index.ts';
import { putDocument, removeDocument, type State, type StateTransaction } from '../state/index.ts';
import type { PolicyBounds } from './bounds.ts';
import { compilePolicy } from './compile.ts';
import { DEFAULT_DOCUMENT, DEFAULT_TEXT, type PolicyDocument } from './document.ts';
import { policyErrors } from './errors.ts';
import { GrantBook } from './grants.ts';
import { readMark, writeMark, noteMark, type Pending } from './marks.ts';
import type { PolicyProblem } from './places.ts';
import { invalidPolicy, textsOfVersions, type StoredVersion } from './stored.ts';
import { ENTRY, loadReader, readText, SECTION } from './section.ts';
import { runLater } from './timer.io.ts';
import { POLICY_TOPIC, type PolicySnapshot } from './topic.ts';
import type { Grant } from './warnings.ts';

/** What is in force. */
export interface PolicyInForce {
  readonly text: string;
  readonly document: PolicyDocument;
  /** Made of the text: the same text has the same version. */
  readonly version: string;
  /** True for the policy that is shipped. */
  readonly isDefault: boolean;
  readonly pending: Pending | undefined;
}

export interface AppliedPolicy {
  readonly version: string;
  /** False: this very text was in force already. */
  readonly changed: boolean;
  /** Number of the configuration's version; `undefined` when nothing was changed. */
  readonly number: number | undefined;
  /** Until every edge had it. */
  readonly tookMs: number;
  /** Every edge, and the version that it says it has in force. */
  readonly edges: readonly { readonly pid: number; readonly version: string }[];
  readonly rules: number;
  readonly warnings: readonly PolicyProblem[];
  readonly confirmUntilMs: number | undefined;
}

/** The policy and its life, in control. */
export interface PolicyAdmin {
  /** Reads what is stored, takes back what was not confirmed in time, and tells the edges. */
  start(): Promise<void>;
  current(): PolicyInForce;
  grants(): readonly Grant[];
  /** Throws with every fault of the text at once; what is in force stays. */
  check(
    text: string,
  ): Promise<{ readonly document: PolicyDocument; readonly warnings: readonly PolicyProblem[] }>;
  /** Resolves when every edge has it in force. */
  apply(
    text: string,
    by: { readonly actor: string; readonly confirmWithinMs?: number },
  ): Promise<AppliedPolicy>;
  confirm(actor: string): Promise<PolicyInForce>;
  rollback(number: number, actor: string): Promise<AppliedPolicy>;
  /** Newest first. */
  versions(limit: number): Promise<readonly StoredVersion[]>;
  textOf(number: number): Promise<string>;
  /** What is wrong with what is stored; `undefined`: nothing. */
  problem(): string | undefined;
  close(): void;
}

export interface PolicyAdminOptions {
  readonly state: () => State;
  /** `undefined` on a stopped gateway: there is nobody to tell. */
  readonly links: EdgeLinks | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (count: number) => Uint8Array;
  /** Of new documents, by the settings in force. */
  bounds(): PolicyBounds;
}

const COLLECT_MS = 2000;
/** Well below the largest frame of the bus. */
const SNAPSHOT_BYTES_MAX = 12 * 1024 * 1024;
const DAY_MS = 24 * 3_600_000;

export function createPolicyAdmin(options: PolicyAdminOptions): PolicyAdmin {
  return new Admin(options);
}

class Admin implements PolicyAdmin {
  readonly #options: PolicyAdminOptions;
  readonly #key: string;
  readonly #book: GrantBook | undefined;
  #current: PolicyInForce = {
    text: DEFAULT_TEXT,
    document: DEFAULT_DOCUMENT,
    version: versionOf(DEFAULT_TEXT),
    isDefault: true,
    pending: undefined,
  };
  #timer: { cancel(): void } | undefined;
  #problem: string | undefined;
  #published = '';

  constructor(options: PolicyAdminOptions) {
    const { state, links, clock, random } = options;
    this.#options = options;
    this.#key = Buffer.from(random(32)).toString('base64');
    this.#book = links === undefined ? undefined : new GrantBook(state, links, () => clock.now());
  }

  async start(): Promise<void> {
    const { state, clock } = this.#options;
    const pending = await state().read((tx) => readMark(tx, 'policy.pending'));
    await this.#load();
    const isOver = pending !== undefined && pending.untilMs <= clock.now();
    // A command on a stopped gateway only looks.
    if (isOver && this.#options.links !== undefined) await this.#takeBack();
    state().onChange(() => this.#load());
    await this.#book?.start();
    await this.#publish();
  }

  current(): PolicyInForce {
    return this.#current;
  }

  grants(): readonly Grant[] {
    return this.#book?.grants ?? [];
  }

  problem(): string | undefined {
    return this.#problem;
  }

  async check(text: string) {
    const { readPolicy } = await loadReader();
    const { document, problems, warnings } = readPolicy(text, this.#options.bounds());
    if (document === undefined) throw invalidPolicy(problems);
    const bytes = JSON.stringify(document).length;
    if (bytes > SNAPSHOT_BYTES_MAX) throw policyErrors.POLICY_TOO_LARGE({ bytes, max: SNAPSHOT_BYTES_MAX });
    // What cannot be compiled here must not reach an edge.
    compilePolicy({ document });
    return { document, warnings };
  }

  async apply(text: string, by: { readonly actor: string; readonly confirmWithinMs?: number }) {
    const { document, warnings } = await this.check(text);
    const version = versionOf(text);
    const { clock } = this.#options;
    const begun = clock.monotonic();
    const before = this.#current;
    const confirmUntilMs =
      by.confirmWithinMs === undefined ? undefined : Math.floor(clock.now()) + by.confirmWithinMs;
    const changed =
      version !== before.version || before.pending !== undefined || confirmUntilMs !== undefined;
    const rules = document.rules.length;
    const number = changed
      ? await this.#store({
          text,
          version,
          document,
          actor: by.actor,
          confirmUntilMs,
          action: 'policy.apply',
        })
      : undefined;
    const edges = await this.#edges();
    const tookMs = clock.monotonic() - begun;
    return { version, changed, number, tookMs, edges, rules, warnings, confirmUntilMs };
  }

  async confirm(actor: string): Promise<PolicyInForce> {
    const { pending, version } = this.#current;
    if (pending === undefined || pending.untilMs <= this.#options.clock.now()) {
      throw policyErrors.POLICY_NOTHING_TO_CONFIRM();
    }
    const summary = 'confirm the policy';
    const change = { author: actor, action: 'policy.confirm', summary, details: { policy: version } };
    await this.#options.state().change(change, (tx) => writeMark(tx, 'policy.pending', undefined));
    return this.#current;
  }

  async rollback(number: number, actor: string): Promise<AppliedPolicy> {
    const text = await this.textOf(number);
    const { document, warnings } = await this.check(text);
    const begun = this.#options.clock.monotonic();
    const version = versionOf(text);
    const stored = await this.#store({
      text,
      version,
      document,
      actor,
      confirmUntilMs: undefined,
      action: 'policy.rollback',
    });
    const edges = await this.#edges();
    const tookMs = this.#options.clock.monotonic() - begun;
    const rules = document.rules.length;
    return {
      version,
      changed: true,
      number: stored,
      tookMs,
      edges,
      rules,
      warnings,
      confirmUntilMs: undefined,
    };
  }

  versions(limit: number): Promise<readonly StoredVersion[]> {
    return textsOfVersions(this.#options.state(), limit);
  }

  async textOf(number: number): Promise<string> {
    const { document } = await this.#options.state().version(number);
    const section = document[SECTION] as { readonly [ENTRY]?: { readonly text?: unknown } } | undefined;
    const text = section?.[ENTRY]?.text;
    return typeof text === 'string' ? text : DEFAULT_TEXT;
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** One transaction: the text, its checked form, and whether it must be confirmed. Every edge has it at the end. */
  async #store(change: {
    readonly text: string;
    readonly version: string;
    readonly document: PolicyDocument;
    readonly actor: string;
    readonly confirmUntilMs: number | undefined;
    readonly action: 'policy.apply' | 'policy.rollback';
  }): Promise<number> {
    const { text, version, document, actor, confirmUntilMs, action } = change;
    const { isDefault, pending, text: currentText } = this.#current;
    // Of several unconfirmed ones in a row, the last confirmed one comes back.
    const before = pending === undefined ? (isDefault ? null : currentText) : pending.before;
    const mark =
      confirmUntilMs === undefined ? undefined : { untilMs: confirmUntilMs, actor, version, before };
    const summary = `${action === 'policy.apply' ? 'apply' : 'roll back to'} policy ${version}`;
    const details = { policy: version, rules: document.rules.length, confirmUntilMs: confirmUntilMs ?? null };
    await this.#options.state().change({ author: actor, action, summary, details }, async (tx) => {
      await putText(tx, text === DEFAULT_TEXT ? null : text);
      await writeMark(tx, 'policy.checked', { version, document });
      await writeMark(tx, 'policy.pending', mark);
    });
    const [newest] = await this.#options.state().versions(1);
    return newest?.number ?? 0;
  }

  /** The store says something else: take it over and tell the edges. */
  async #load(): Promise<void> {
    const { state, log } = this.#options;
    const { text, checked, pending } = await state().read(async (tx) => ({
      text: await readText(tx),
      checked: await readMark(tx, 'policy.checked'),
      pending: await readMark(tx, 'policy.pending'),
    }));
    const version = versionOf(text ?? DEFAULT_TEXT);
    const isWaiting = pending !== undefined && pending.version === version;
    try {
      const document = await this.#documentOf(text, version, checked);
      this.#problem = undefined;
      this.#current = {
        text: text ?? DEFAULT_TEXT,
        document,
        version,
        isDefault: text === undefined,
        pending: isWaiting ? pending : undefined,
      };
    } catch (error) {
      // Rolled back to what an older release took: what is in force stays in force, and health says so.
      const reason = error instanceof Error ? error.message : String(error);
      this.#problem = policyErrors.POLICY_UNREADABLE({ reason }).message;
      log.error('policy.unreadable', { reason });
    }
    this.#watch();
    if (this.#published !== '') await this.#publish();
  }

  async #documentOf(
    text: string | undefined,
    version: string,
    checked: { readonly version: string; readonly document: PolicyDocument } | undefined,
  ): Promise<PolicyDocument> {
    if (text === undefined) return DEFAULT_DOCUMENT;
    if (version === this.#current.version) return this.#current.document;
    if (checked?.version === version) return checked.document;
    const { document } = await this.check(text);
    await noteMark(this.#options.state(), 'policy.checked', { version, document });
    return document;
  }

  async #publish(): Promise<void> {
    const { links } = this.#options;
    const { version, document } = this.#current;
    if (links === undefined || this.#published === version) return;
    this.#published = version;
    const snapshot: PolicySnapshot = { version, document, key: this.#key };
    await links.publish(POLICY_TOPIC, snapshot);
  }

  async #edges() {
    const answers =
      (await this.#options.links?.collect(POLICY_TOPIC, COLLECT_MS)) ?? new Map<number, unknown>();
    // Other processes take topics, too; those that decide name a version.
    return [...answers].flatMap(([pid, version]) => (typeof version === 'string' ? [{ pid, version }] : []));
  }

  /** Only a running control takes a policy back; a stopped one does it at its next start. */
  #watch(): void {
    this.#timer?.cancel();
    const { pending } = this.#current;
    const { links, clock, log } = this.#options;
    if (pending === undefined || links === undefined) return;
    this.#timer = runLater(Math.min(DAY_MS, Math.max(0, pending.untilMs - clock.now())), () => {
      this.#takeBack().catch((error: unknown) => log.error('policy.not-taken-back', { error }));
    });
  }

  async #takeBack(): Promise<void> {
    const { state, log } = this.#options;
    const { version } = this.#current;
    this.#timer?.cancel();
    const change = {
      author: 'commit-confirm',
      action: 'policy.undo',
      summary: `take policy ${version} back: nobody confirmed it in time`,
      details: { policy: version },
    };
    await state().change(change, async (tx) => {
      const pending = await readMark(tx, 'policy.pending');
      if (pending?.version === version) await putText(tx, pending.before);
      await writeMark(tx, 'policy.pending', undefined);
    });
    log.warn('policy.taken-back', { policy: version });
    await this.#load();
  }
}

async function putText(tx: StateTransaction, text: string | null): Promise<void> {
  if (text === null) await removeDocument(tx, SECTION, ENTRY);
  else await putDocument(tx, SECTION, ENTRY, { text });
}

export function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
