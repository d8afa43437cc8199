import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../kernel/index.ts';
import type { ExportFacts } from '../../protocols/exports/index.ts';
import { type IndicatorReader, openIndicators } from '../indicators/index.ts';
import type { Artifact } from './artifact.ts';
import { digest, type ExportVariant, TAXII_FORMAT, variantKey } from './definition.ts';
import { type RenderJob, slicer } from './render-job.ts';
import { writeText } from './render-text.io.ts';
import { changedAtMs, fingerprint } from './source.ts';
import { writeTaxiiIndex } from './taxii-build.io.ts';

/** Renders one variant into the cache. What is in the cache is always whole: files are renamed into place. */
export async function renderExport(job: RenderJob, clock: Clock): Promise<Artifact> {
  mkdirSync(job.cacheDir, { recursive: true, mode: 0o700 });
  const reader = openIndicators(job.indicatorsDir, clock);
  try {
    return await renderFrom(job, reader, clock);
  } finally {
    reader.close();
  }
}

async function renderFrom(job: RenderJob, reader: IndicatorReader, clock: Clock): Promise<Artifact> {
  const { variant, shape, cacheDir } = job;
  const startedMs = clock.monotonic();
  const own = variantKey(variant, shape);
  const key = artifactKey(own, variant, reader);
  const builtAtMs = Math.floor(clock.now());
  // Two renderings of the same key may follow each other while the first is still being sent.
  const stem = `${key}-${process.pid}-${builtAtMs.toString(36)}`;
  const base = {
    key,
    variant: own,
    name: variant.definition.name,
    format: variant.format,
    group: variant.group,
    generation: Number(reader.generation),
    builtAtMs,
    changedAtMs: changedAtMs(variant.definition, reader),
  };
  const temporary = join(cacheDir, `${stem}.tmp`);
  try {
    const made =
      variant.format === TAXII_FORMAT
        ? await writeTaxiiIndex({ job, reader, clock, temporary, stem, builtAtMs, slice: slicer(clock) })
        : await writeText({
            job,
            reader,
            clock,
            temporary,
            stem,
            facts: factsOf(job, base),
            slice: slicer(clock),
          });
    const artifact: Artifact = { ...base, ...made, tookMs: Math.round(clock.monotonic() - startedMs) };
    writeFileSync(join(cacheDir, `${stem}.meta.tmp`), JSON.stringify(artifact), { mode: 0o600 });
    renameSync(join(cacheDir, `${stem}.meta.tmp`), join(cacheDir, `${key}.json`));
    return artifact;
  } catch (error) {
    for (const end of ['tmp', 'gz.tmp', 'meta.tmp', 'txt', 'txt.gz', 'index'])
      rmSync(join(cacheDir, `${stem}.${end}`), { force: true });
    throw error;
  }
}

/** The key of a variant in the present state of the indicators. */
export function artifactKey(
  own: string,
  { definition }: ExportVariant,
  reader: Parameters<typeof fingerprint>[1],
): string {
  return digest(`${own} ${fingerprint(definition, reader)}`);
}

function factsOf(
  { variant, shape }: RenderJob,
  base: { readonly generation: number; readonly changedAtMs: number },
): ExportFacts {
  return {
    name: variant.definition.name,
    generation: base.generation,
    group: variant.group,
    sidBase: shape.suricataSidBase,
    rulesMax: shape.suricataRulesMax,
    eventEntriesMax: shape.mispEventEntriesMax,
    producer: shape.producer,
    changedAtS: Math.floor(base.changedAtMs / 1000),
  };
}
