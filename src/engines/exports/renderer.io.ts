import { type Clock, type Log, messageOf, type Metrics } from '../../kernel/index.ts';
import type { Artifact } from './artifact.ts';
import { ExportCache } from './cache.io.ts';
import { type ExportShape, type ExportVariant, TAXII_FORMAT, variantKey } from './definition.ts';
import { exportErrors } from './errors.ts';
import type { RenderJob } from './render-job.ts';

export interface RendererOptions {
  readonly indicatorsDir: string;
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** `child`: in a process of its own, as the running gateway must; `here`: for a command on a stopped one. */
  readonly runRenders: 'child' | 'here';
  readonly shape: () => ExportShape;
  readonly bounds: () => {
    readonly cacheBytesMax: number;
    readonly fileBytesMax: number;
    readonly rendersMax: number;
    readonly rendersWaitingMax: number;
    readonly renderTimeoutMs: number;
  };
}

/** Renders what is asked for, each variant once at a time, few at once, and keeps the cache within its bounds. */
export class Renderer {
  readonly cache: ExportCache;
  readonly #options: RendererOptions;
  readonly #running = new Map<string, Promise<Artifact>>();
  readonly #waiting: (() => void)[] = [];
  readonly #closing = new AbortController();
  #active = 0;
  #isOpen = false;

  constructor(options: RendererOptions) {
    this.#options = options;
    this.cache = new ExportCache(options.cacheDir, () => options.bounds().cacheBytesMax);
  }

  /** Everybody who asks while it is being made gets the same rendering. */
  render(variant: ExportVariant): Promise<Artifact> {
    if (!this.#isOpen) this.cache.open();
    this.#isOpen = true;
    const own = variantKey(variant, this.#options.shape());
    const running = this.#running.get(own);
    if (running !== undefined) return running;
    const { rendersWaitingMax } = this.#options.bounds();
    if (this.#waiting.length >= rendersWaitingMax)
      throw exportErrors.EXPORT_TOO_MANY_WAITING({ waiting: this.#waiting.length });
    const rendering = this.#inTurn(variant, own).finally(() => this.#running.delete(own));
    this.#running.set(own, rendering);
    return rendering;
  }

  /** Cuts what is under way; files that are half written go away with the next start. */
  close(): void {
    this.#closing.abort();
  }

  async #inTurn(variant: ExportVariant, own: string): Promise<Artifact> {
    if (this.#active >= this.#options.bounds().rendersMax)
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#active++;
    try {
      return await this.#renderNow(variant, own);
    } finally {
      this.#active--;
      this.#waiting.shift()?.();
    }
  }

  async #renderNow(variant: ExportVariant, own: string): Promise<Artifact> {
    const { indicatorsDir, cacheDir, clock, log, metrics, shape, bounds } = this.#options;
    const { format } = variant;
    const { name } = variant.definition;
    const replaced = this.cache.ofVariant(own);
    const before = format === TAXII_FORMAT ? replaced[0] : undefined;
    const job: RenderJob = {
      indicatorsDir,
      cacheDir,
      variant,
      shape: shape(),
      fileBytesMax: bounds().fileBytesMax,
      ...(before === undefined
        ? {}
        : { before: { file: before.file, index: before.index, builtAtMs: before.builtAtMs } }),
    };
    try {
      const artifact = await this.#run(job, clock);
      this.cache.tidy(artifact, replaced);
      const { entries, bytes, tookMs, generation } = artifact;
      metrics?.counter('exports_rendered_total', format, 'done').add();
      log.info('exports.rendered', { name, format, entries, bytes, tookMs, generation });
      return artifact;
    } catch (error) {
      metrics?.counter('exports_rendered_total', format, 'failed').add();
      log.warn('exports.render-failed', { name, format, reason: messageOf(error) });
      throw error;
    }
  }

  /** Whatever renders is loaded only where it runs: edges load this folder, too. */
  async #run(job: RenderJob, clock: Clock): Promise<Artifact> {
    if (this.#options.runRenders === 'here') {
      const { renderExport } = await import('./render.io.ts');
      return renderExport(job, clock);
    }
    const { renderInProcess } = await import('./render-process.io.ts');
    const timeout = AbortSignal.timeout(this.#options.bounds().renderTimeoutMs);
    return renderInProcess(job, AbortSignal.any([timeout, this.#closing.signal]));
  }
}
