import type { EdgeLinks } from '../../kernel/index.ts';
import { EXPORT_FORMATS, EXPORT_GROUPS, type ExportGroup } from '../../protocols/exports/index.ts';
import { type JsonObject, putDocument, removeDocument, type State } from '../state/index.ts';
import type { Artifact } from './artifact.ts';
import {
  allExports,
  exportable,
  type ExportDefinition,
  findExport,
  limitedTo,
  TAXII_FORMAT,
} from './definition.ts';
import {
  collectionOf,
  collectionsSection,
  type CollectionDefinition,
  collectionProblems,
  exportOf,
  exportProblems,
  exportsSection,
  isExportName,
} from './document.ts';
import { exportErrors } from './errors.ts';
import type { Renderer } from './renderer.io.ts';
import type { WrittenCollections } from './written.ts';

/** What edges know of exports: the retained topic `exports`. */
export interface ExportSnapshot {
  readonly exports: readonly ExportDefinition[];
  readonly collections: readonly CollectionDefinition[];
}

/** Exports and collections, in control. */
export interface ExportAdmin {
  /** Answers the edges and publishes the topic `exports`. Once, at the start of control. */
  start(): Promise<void>;
  list(): Promise<readonly ExportDefinition[]>;
  show(
    name: string,
  ): Promise<{ readonly definition: ExportDefinition; readonly rendered: readonly Artifact[] }>;
  add(name: string, document: JsonObject, by: string): Promise<ExportDefinition>;
  remove(name: string, by: string): Promise<ExportDefinition>;
  render(name: string, format: string, group: ExportGroup | undefined): Promise<Artifact>;
  collections(): Promise<readonly CollectionDefinition[]>;
  addCollection(name: string, document: JsonObject, by: string): Promise<CollectionDefinition>;
  /** With all its objects, and the feed that was made of them. */
  removeCollection(name: string, by: string): Promise<CollectionDefinition>;
  close(): Promise<void>;
}

export interface ExportAdminOptions {
  readonly state: () => State;
  /** `undefined` on a stopped gateway: there is nobody to tell. */
  readonly links: EdgeLinks | undefined;
  readonly renderer: Renderer;
  readonly written: WrittenCollections;
  /** The feeds that there are now. */
  readonly feeds: () => readonly { readonly name: string; readonly action: string }[];
}

export function createExportAdmin(options: ExportAdminOptions): ExportAdmin {
  return new Admin(options);
}

class Admin implements ExportAdmin {
  readonly #options: ExportAdminOptions;
  #published = '';

  constructor(options: ExportAdminOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { links, state, written } = this.#options;
    links?.handle('exports.render', async (params) => {
      const { name, format, group, tlp } = renderIn(params);
      const found = findExport(await this.#stored(), exportable(this.#options.feeds()), name);
      if (found === undefined) throw exportErrors.EXPORT_UNKNOWN({ name });
      const definition = tlp === undefined ? found : limitedTo(found, tlp);
      return this.#options.renderer.render({ definition, format, group });
    });
    links?.handle('taxii.call', (params) => written.call(params));
    state().onChange(() => this.#publish());
    written.onNames(() => this.collections());
    await this.#publish();
    // The start does not wait for an import.
    if (links !== undefined) void written.recover();
  }

  async list(): Promise<readonly ExportDefinition[]> {
    return allExports(await this.#stored(), exportable(this.#options.feeds()));
  }

  async show(name: string) {
    const definition = await this.#find(name);
    const rendered = this.#options.renderer.cache.artifacts().filter((each) => each.name === name);
    return { definition, rendered };
  }

  async add(name: string, document: JsonObject, by: string): Promise<ExportDefinition> {
    if (!isExportName(name)) throw exportErrors.EXPORT_NAME({ name });
    const [problem] = exportProblems(name, document);
    if (problem !== undefined) {
      const path = problem.path.slice(name.length + 1);
      throw exportErrors.EXPORT_VALUE({ path, reason: problem.message });
    }
    const change = { author: by, action: 'export.add', summary: `add export ${name}`, details: { name } };
    await this.#options.state().change(change, async (tx) => {
      const known = await exportsSection.read(tx);
      if (Object.hasOwn(known, name)) throw exportErrors.EXPORT_EXISTS({ name });
      await putDocument(tx, 'exports', name, document);
    });
    return exportOf(name, document);
  }

  async remove(name: string, by: string): Promise<ExportDefinition> {
    const found = await this.#find(name);
    if (found.origin !== 'stored') throw exportErrors.EXPORT_BUILT_IN({ name });
    const change = {
      author: by,
      action: 'export.remove',
      summary: `remove export ${name}`,
      details: { name },
    };
    await this.#options.state().change(change, (tx) => removeDocument(tx, 'exports', name));
    const left = new Set((await this.list()).map((each) => each.name));
    this.#options.renderer.cache.forget((each) => left.has(each));
    return found;
  }

  async render(name: string, format: string, group: ExportGroup | undefined): Promise<Artifact> {
    const definition = await this.#find(name);
    return this.#options.renderer.render({ definition, format, group });
  }

  async collections(): Promise<readonly CollectionDefinition[]> {
    const document = await this.#options.state().read((tx) => collectionsSection.read(tx));
    return Object.entries(document).map(([name, body]) => collectionOf(name, body));
  }

  async addCollection(name: string, document: JsonObject, by: string): Promise<CollectionDefinition> {
    const [problem] = collectionProblems(name, document);
    if (problem !== undefined)
      throw exportErrors.EXPORT_VALUE({ path: problem.path, reason: problem.message });
    const isFeed = this.#options.feeds().some((feed) => feed.name === name);
    if (isFeed || findExport(await this.#stored(), [], name) !== undefined)
      throw exportErrors.COLLECTION_NAME_TAKEN({ name });
    const summary = `add collection ${name}`;
    const change = { author: by, action: 'collection.add', summary, details: { name } };
    await this.#options.state().change(change, async (tx) => {
      const known = await collectionsSection.read(tx);
      if (Object.hasOwn(known, name)) throw exportErrors.COLLECTION_EXISTS({ name });
      await putDocument(tx, 'collections', name, document);
    });
    return collectionOf(name, document);
  }

  async removeCollection(name: string, by: string): Promise<CollectionDefinition> {
    const found = (await this.collections()).find((each) => each.name === name);
    if (found === undefined) throw exportErrors.COLLECTION_UNKNOWN({ name });
    const summary = `remove collection ${name}`;
    const change = { author: by, action: 'collection.remove', summary, details: { name } };
    await this.#options.state().change(change, (tx) => removeDocument(tx, 'collections', name));
    await this.#options.written.drop(name, by);
    return found;
  }

  async close(): Promise<void> {
    this.#options.renderer.close();
    await this.#options.written.close();
  }

  async #stored(): Promise<readonly ExportDefinition[]> {
    const document = await this.#options.state().read((tx) => exportsSection.read(tx));
    return Object.entries(document).map(([name, body]) => exportOf(name, body));
  }

  async #find(name: string): Promise<ExportDefinition> {
    const found = findExport(await this.#stored(), exportable(this.#options.feeds()), name);
    if (found === undefined) throw exportErrors.EXPORT_UNKNOWN({ name });
    return found;
  }

  async #publish(): Promise<void> {
    const { links } = this.#options;
    if (links === undefined) return;
    const snapshot: ExportSnapshot = {
      exports: await this.#stored(),
      collections: await this.collections(),
    };
    const text = JSON.stringify(snapshot);
    if (text === this.#published) return;
    this.#published = text;
    await links.publish('exports', snapshot);
  }
}

interface RenderParams {
  readonly name: string;
  readonly format: string;
  readonly group: ExportGroup | undefined;
  readonly tlp: 'green' | undefined;
}

function renderIn(params: unknown): RenderParams {
  const { name, format, group, tlp } = (params ?? {}) as Readonly<Record<string, unknown>>;
  const known = EXPORT_FORMATS.map((each) => each.name);
  if (typeof name !== 'string') throw new TypeError('an export has a name');
  if (typeof format !== 'string' || !(known.includes(format) || format === TAXII_FORMAT))
    throw exportErrors.EXPORT_FORMAT_UNKNOWN({ format: String(format), formats: known.join(', ') });
  return { name, format, group: groupIn(group), tlp: tlp === 'green' ? 'green' : undefined };
}

function groupIn(group: unknown): ExportGroup | undefined {
  const names = Object.keys(EXPORT_GROUPS) as ExportGroup[];
  return names.find((each) => each === group);
}
