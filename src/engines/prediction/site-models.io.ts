import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DomainModel, readDomainModel } from './domains.ts';
import { type ModelKind, readModel } from './model-file.ts';
import { SHIPPED_DIGESTS } from './shipped-digests.ts';
import { readUrlModel, type UrlModel } from './urls.ts';

/** Beside `src`, and beside `dist` in a release. */
export const SITE_MODELS_FOLDER = join(import.meta.dirname, '..', '..', '..', 'models');

export interface SiteModels {
  readonly urls: UrlModel | undefined;
  readonly domains: DomainModel | undefined;
  /** Models that are not used, and why: `urls: damaged`. */
  readonly refused: readonly string[];
}

/** The models of sites that this release ships. What is missing or damaged is told and not used. */
export function openSiteModels(folder = SITE_MODELS_FOLDER): SiteModels {
  const refused: string[] = [];
  const open = <T>(kind: ModelKind, read: (body: unknown, version: string) => T | undefined): T | undefined => {
    let bytes: Buffer;
    try {
      bytes = readFileSync(join(folder, `${kind}.model`));
    } catch {
      // Not there, or not to be read: either way there is no model.
      refused.push(`${kind}: missing`);
      return undefined;
    }
    const file = readModel(bytes, kind, { digests: new Set(SHIPPED_DIGESTS), keys: [] });
    if ('refused' in file) {
      refused.push(`${kind}: ${file.refused}`);
      return undefined;
    }
    const model = read(file.body, file.version);
    if (model === undefined) refused.push(`${kind}: damaged`);
    return model;
  };
  return { urls: open('urls', readUrlModel), domains: open('domains', readDomainModel), refused };
}
