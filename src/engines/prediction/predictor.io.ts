import type { Log } from '../../kernel/index.ts';
import { type DomainModel, readDomainModel, scoreDomain } from './domains.ts';
import { type FileModel, readFileModel } from './file-model.ts';
import type { ModelKind } from './model-file.ts';
import { ModelShelf } from './models.io.ts';
import type { PeColumns } from './pe-columns.ts';
import type { SiteScore } from './site-score.ts';
import { readUrlModel, scoreUrl, type UrlModel } from './urls.ts';

/** The models in force. Each is read at its first question. */
export interface Predictor {
  /** `undefined`: no model of this kind can be used. */
  version(kind: ModelKind): string | undefined;
  scorePe(columns: PeColumns): SiteScore | undefined;
  /** `undefined` also when the text is no URL. */
  scoreUrl(url: string): SiteScore | undefined;
  scoreDomain(host: string): SiteScore | undefined;
  readonly files: FileModel | undefined;
  readonly urls: UrlModel | undefined;
  readonly domains: DomainModel | undefined;
  /** Takes up what was made active meanwhile. */
  reload(): void;
}

export interface PredictorOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** For tests: where the models of the release are. */
  readonly shippedDir?: string;
}

export function createPredictor(options: PredictorOptions): Predictor {
  return new ShelfPredictor(options);
}

class ShelfPredictor implements Predictor {
  readonly #shelf: ModelShelf;
  readonly #log: Log;
  readonly #models = new Map<ModelKind, unknown>();

  constructor({ dataDir, log, shippedDir }: PredictorOptions) {
    this.#shelf = new ModelShelf(dataDir, shippedDir);
    this.#log = log;
  }

  get files(): FileModel | undefined {
    return this.#model('files', readFileModel);
  }

  get urls(): UrlModel | undefined {
    return this.#model('urls', readUrlModel);
  }

  get domains(): DomainModel | undefined {
    return this.#model('domains', readDomainModel);
  }

  version(kind: ModelKind): string | undefined {
    return this[kind]?.version;
  }

  scorePe(columns: PeColumns): SiteScore | undefined {
    return this.files?.score(columns);
  }

  scoreUrl(url: string): SiteScore | undefined {
    return this.urls === undefined ? undefined : scoreUrl(this.urls, url);
  }

  scoreDomain(host: string): SiteScore | undefined {
    return this.domains === undefined ? undefined : scoreDomain(this.domains, host);
  }

  reload(): void {
    this.#models.clear();
  }

  #model<T>(kind: ModelKind, read: (body: unknown, version: string) => T | undefined): T | undefined {
    if (!this.#models.has(kind)) this.#models.set(kind, this.#open(kind, read));
    // Under each kind stands what its own reader made.
    return this.#models.get(kind) as T | undefined;
  }

  #open<T>(kind: ModelKind, read: (body: unknown, version: string) => T | undefined): T | undefined {
    const file = this.#shelf.active(kind, (version, why) =>
      this.#log.error('prediction.model-refused', { kind, version, reason: why }),
    );
    const model = file === undefined ? undefined : read(file.body, file.version);
    if (model === undefined) this.#log.error('prediction.no-model', { kind });
    return model;
  }
}
