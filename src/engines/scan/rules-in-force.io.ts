import type { Clock, Log } from '../../kernel/index.ts';
import type { ScanConfig } from '../config/index.ts';
import type { WorkerPool } from './pool.io.ts';
import { QuickRules } from './quick-rules.ts';
import { allRules, shippedRules } from './rule-files.io.ts';
import { loadYara } from './yara-library.io.ts';
import { compileRules, rulesVersion, usesNames } from './yara.ts';

/** Which YARA rules are matched, and why none are. */
export class RulesInForce {
  readonly #config: ScanConfig;
  readonly #dataDir: string;
  readonly #log: Log;
  readonly #shippedVersion = rulesVersion(shippedRules());
  /** The shipped rules for small files, matched in this thread: what they cost at worst is known. */
  readonly #shipped: QuickRules | undefined;
  #version = 'none';
  #usesNames = false;
  #asked = { version: '', usesNames: false, shippedOnly: false };
  #loading: Promise<void> = Promise.resolve();
  #why: string | undefined;

  constructor(
    config: ScanConfig,
    seam: { readonly dataDir: string; readonly log: Log; readonly clock: Clock },
  ) {
    this.#config = config;
    this.#dataDir = seam.dataDir;
    this.#log = seam.log;
    if (!config.yara.enabled) return;
    const library = loadYara();
    if ('why' in library) {
      this.#why = library.why;
      return;
    }
    // Compiled before anything is served: later it would hold up what is.
    if (config.inlineMax > 0) {
      const { windowMax, timeoutMs } = config.yara;
      this.#shipped = new QuickRules(
        compileRules(library, shippedRules(), { windowMax, timeoutMs }),
        seam.clock,
      );
    }
  }

  /** Of the rules that are matched now; `none` before the first are compiled. */
  get version(): string {
    return this.#version;
  }

  /** Whether what a file is called changes what is found in it. */
  get usesNames(): boolean {
    return this.#usesNames;
  }

  /** Why YARA cannot be used; `undefined`: it can, or it is off. */
  get why(): string | undefined {
    return this.#why;
  }

  /** For files that are looked at in this thread; `undefined`: the rules in force may take too long for that. */
  quick(): QuickRules | undefined {
    const inForce = this.#asked.shippedOnly && this.#version === this.#asked.version;
    return inForce && this.#shipped?.isPaused === false ? this.#shipped : undefined;
  }

  /** One after the other: two sets that arrive together must not overtake each other. */
  reload(pool: Pick<WorkerPool, 'useRules'>): Promise<void> {
    this.#loading = this.#loading.then(() =>
      this.#load(pool).catch((error: unknown) => {
        this.#why = 'the rule sets cannot be read';
        this.#log.error('scan.rules-unreadable', { error });
      }),
    );
    return this.#loading;
  }

  /** A thread says whether it could compile them; also later than it was waited for, when others have died. */
  said(version: string, problem: string | undefined): void {
    if (version !== this.#asked.version) return;
    this.#why = problem;
    if (problem !== undefined) return;
    this.#version = version;
    this.#usesNames = this.#asked.usesNames;
  }

  async #load(pool: Pick<WorkerPool, 'useRules'>): Promise<void> {
    if (!this.#config.yara.enabled || 'why' in loadYara()) return;
    const sources = allRules(this.#dataDir);
    const version = rulesVersion(sources);
    if (version === this.#version) return;
    this.#asked = { version, usesNames: usesNames(sources), shippedOnly: version === this.#shippedVersion };
    const problem = await pool.useRules(sources, version);
    if (problem === undefined) this.#log.info('scan.rules', { version, files: sources.length });
    else {
      this.#why = problem;
      this.#log.error('scan.rules-refused', { reason: problem.slice(0, 500) });
    }
  }
}
