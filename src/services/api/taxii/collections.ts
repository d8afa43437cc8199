import { type ExportDefinition, TAXII_FORMAT } from '../../../engines/exports/edge/index.ts';
import { uuidOfName } from '../../../kernel/index.ts';
import { STIX_MEDIA_TYPE, type TaxiiCollection } from '../../../protocols/taxii/index.ts';
import type { ApiEngines } from '../context.ts';

/** Ids of collections are made from their names below this one, so that they are the same on every gateway. */
const NAMESPACE = '1d5a3f0c-6a77-5d0e-8a55-2f6a4a1d9c02';

export type Collection = { readonly resource: TaxiiCollection } & (
  | { readonly kind: 'export'; readonly definition: ExportDefinition; readonly format: typeof TAXII_FORMAT }
  | { readonly kind: 'written'; readonly name: string }
);

/** Collections that clients write to, and one for every export, to read. A name that both have is the former's. */
export function collectionsOf(
  { exports }: Pick<ApiEngines, 'exports'>,
  mayWrite: boolean,
): readonly Collection[] {
  const written = exports.collections();
  const names = new Set(written.map(({ name }) => name));
  return [
    ...written.map(({ name, title, description }): Collection => ({
      kind: 'written',
      name,
      resource: { ...resourceOf(name, title, description), can_write: mayWrite },
    })),
    ...exports
      .list()
      .filter(({ name }) => !names.has(name))
      .map((definition): Collection => ({
        kind: 'export',
        definition,
        format: TAXII_FORMAT,
        resource: resourceOf(definition.name, definition.name, definition.note),
      })),
  ];
}

/** By id or alias (§5.1). */
export function findCollection(
  engines: Pick<ApiEngines, 'exports'>,
  name: string,
  mayWrite: boolean,
): Collection | undefined {
  return collectionsOf(engines, mayWrite).find(
    ({ resource }) => resource.id === name.toLowerCase() || resource.alias === name,
  );
}

function resourceOf(name: string, title: string, description: string): TaxiiCollection {
  return {
    id: uuidOfName(NAMESPACE, name),
    title,
    ...(description === '' ? {} : { description }),
    alias: name,
    can_read: true,
    can_write: false,
    media_types: [STIX_MEDIA_TYPE],
  };
}
