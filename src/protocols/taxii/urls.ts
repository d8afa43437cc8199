import { type TaxiiRequest, taxiiParameters } from './query.ts';

/** Addresses below an API root, for a client. Every address of TAXII ends in a slash (§3.1). */
export function taxiiUrls(apiRoot: string): {
  readonly root: () => URL;
  readonly collections: () => URL;
  readonly collection: (id: string) => URL;
  readonly objects: (id: string, request?: TaxiiRequest) => URL;
  readonly manifest: (id: string, request?: TaxiiRequest) => URL;
  readonly status: (id: string) => URL;
} {
  const root = apiRoot.endsWith('/') ? apiRoot : `${apiRoot}/`;
  const at = (path: string, request: TaxiiRequest = {}): URL => {
    const url = new URL(path, root);
    url.search = taxiiParameters(request).toString();
    return url;
  };
  const collection = (id: string): string => `collections/${encodeURIComponent(id)}/`;
  return {
    root: () => new URL(root),
    collections: () => at('collections/'),
    collection: (id) => at(collection(id)),
    objects: (id, request) => at(`${collection(id)}objects/`, request),
    manifest: (id, request) => at(`${collection(id)}manifest/`, request),
    status: (id) => at(`status/${encodeURIComponent(id)}/`),
  };
}

/** API roots of a discovery resource as absolute addresses; some servers write them relative to themselves. */
export function apiRootUrls(discoveryUrl: string, roots: readonly string[]): readonly string[] {
  return roots.flatMap((root) =>
    URL.canParse(root, discoveryUrl) ? [new URL(root, discoveryUrl).href] : [],
  );
}
