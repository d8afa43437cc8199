import type { Clock, Prevalence } from '../../kernel/index.ts';
import type { PredictionMode, ScanConfig } from '../config/index.ts';
import type { Codings } from '../content/index.ts';
import type { VerdictEngine } from '../verdict/index.ts';
import type { VerdictCache } from './cache.ts';
import type { Clamd } from './clamd.io.ts';
import type { ScanCounters } from './counters.ts';
import type { Decoder } from './decoder.ts';
import type { IcapScanner } from './icap-scanner.io.ts';
import type { WorkerSettings } from './job.ts';
import type { Judge } from './judge.ts';
import type { WorkerPool } from './pool.io.ts';
import type { StoreLimits } from './store.io.ts';
import type { RuleMatcher } from './yara.ts';

/** What every scan of an engine works with. */
export interface ScanParts {
  readonly config: ScanConfig;
  readonly clock: Clock;
  readonly verdicts: VerdictEngine;
  readonly pool: Pick<WorkerPool, 'run'>;
  readonly clamd: Pick<Clamd, 'scan'> | undefined;
  readonly icap: Pick<IcapScanner, 'scan'> | undefined;
  readonly cache: VerdictCache;
  readonly limits: StoreLimits;
  readonly decoder: Decoder;
  seen(sha256: string, source: string): Promise<Prevalence | undefined>;
  readonly prediction: PredictionMode;
  /** For files that are looked at in this thread; `undefined`: nothing is judged. */
  readonly judge: Judge | undefined;
  readonly metrics: ScanCounters;
  /** Why YARA rules are not matched; `undefined`: they are. */
  noYara(): string | undefined;
  /** Matches small files in this thread; `undefined`: the rules in force may take too long for that. */
  matcher(): RuleMatcher | undefined;
  /** For small files that are looked at in this thread. */
  readonly inspection: WorkerSettings;
  /** Whether a list has MD5 or SHA-1 hashes. */
  weakHashesListed(): boolean;
  /** Lets others have their turn. */
  pause(): Promise<void>;
  /** In full, for verdicts. */
  version(): string;
  cacheKey(sha256: string, request: ReadRequest): string;
}

/** What is believed of the request for a scan. */
export interface ReadRequest {
  readonly name: string | undefined;
  readonly profile: string;
  /** `undefined`: none. */
  readonly codings: Codings | undefined;
  /** The same in a word, of bounded length. */
  readonly coding: string;
  /** Of a form (multipart/form-data). */
  readonly boundary: string | undefined;
}
