import type { FileType } from '../../kernel/index.ts';
import { fileTypeOf, START_BYTES } from '../../protocols/file-type/index.ts';
import { Budget, Collector, limit } from './collector.ts';
import { fetchesOutside, isRelationships } from './office.ts';
import { formOpener } from './form.ts';
import { openerFor } from './openers.ts';
import { isManifest, LOCKED, saysEncrypted } from './password.ts';
import type { InnerFile, Item, OpenBounds, Opener, Source, UnpackLimits, UnpackVisitor } from './types.ts';

/** The end of a file is enough for the directory of an archive of ordinary size. */
const END_BYTES = 64 * 1024;
/** Relationships and manifests of real documents are a few kilobytes. */
const PART_BYTES = 256 * 1024;

/** The type of a source by its content. */
export function typeOfSource(source: Source): FileType {
  const start = source.read(0, START_BYTES);
  return fileTypeOf(start, source.read(Math.max(0, source.size - END_BYTES), END_BYTES));
}

/**
 * Walks through everything inside a file, containers in containers as well, within the limits. Never throws for
 * what is in the file; what cannot be read is told to the visitor, and what could be read before is handed on.
 */
export async function unpack(
  source: Source,
  type: FileType,
  limits: UnpackLimits,
  visitor: UnpackVisitor,
  { boundary, packedBytes = source.size }: Outermost = {},
): Promise<void> {
  const walk = new Walk(limits, visitor, new Budget(limits, packedBytes));
  const outermost = { path: '', type, source, depth: 0 };
  if (boundary !== undefined && !(await walk.through(formOpener(boundary), outermost))) return;
  await walk.into(outermost);
}

/** What is known of the outermost file beside its bytes. */
export interface Outermost {
  /** Of a form (multipart/form-data), whose parts are files. */
  readonly boundary?: string | undefined;
  /** How long it was before its content codings were undone: what the ratio is measured against. */
  readonly packedBytes?: number | undefined;
}

class Walk {
  readonly #limits: UnpackLimits;
  readonly #visitor: UnpackVisitor;
  readonly #budget: Budget;
  readonly #bounds: OpenBounds;

  constructor(limits: UnpackLimits, visitor: UnpackVisitor, budget: Budget) {
    this.#limits = limits;
    this.#visitor = visitor;
    this.#budget = budget;
    this.#bounds = {
      entriesMax: limits.entriesMax + 1,
      memoryMax: limits.wholeMax,
      expired: limits.expired,
    };
  }

  /** False: everything ends. */
  async into(file: InnerFile): Promise<boolean> {
    const open = openerFor(file.type, file.source);
    if (open === undefined) return true;
    if (file.depth >= this.#limits.depthMax) {
      this.#visitor.trouble(file.path, limit(`deeper than ${this.#limits.depthMax} containers (depthMax)`));
      return true;
    }
    return this.through(open, file);
  }

  async through(open: Opener, file: InnerFile): Promise<boolean> {
    for await (const item of open(file.source, this.#bounds)) {
      if (this.#isLate(file) || !(await this.#take(item, file))) return false;
    }
    // A reader may have ended by itself because of it.
    return !this.#isLate(file);
  }

  #isLate({ path }: InnerFile): boolean {
    const late = this.#budget.late();
    if (late !== undefined) this.#visitor.trouble(path, late);
    return late !== undefined;
  }

  async #take(item: Item, outer: InnerFile): Promise<boolean> {
    if (item.kind === 'trouble') {
      this.#visitor.trouble(below(outer.path, item.name), item);
      return true;
    }
    if (item.kind === 'trait') {
      this.#visitor.trait(below(outer.path, item.name), item.trait);
      return true;
    }
    const path = below(outer.path, item.member.name);
    const tooMany = this.#budget.enter();
    if (tooMany !== undefined) {
      this.#visitor.trouble(outer.path, tooMany);
      return false;
    }
    const collector = new Collector(this.#limits, this.#budget);
    try {
      const trouble = await item.member.read(collector.sink);
      const cut = collector.over ?? collector.trouble ?? trouble;
      if (cut !== undefined) this.#visitor.trouble(path, cut);
      const source = collector.source();
      if (source.size > 0 || cut === undefined) {
        const inner = { path, source, type: typeOfSource(source), depth: outer.depth + 1 };
        const part =
          isRelationships(path) || isManifest(path) ? source.read(0, PART_BYTES).toString('utf8') : '';
        if (isRelationships(path) && fetchesOutside(part)) this.#visitor.trait(path, 'external-template');
        if (isManifest(path) && saysEncrypted(part)) this.#visitor.trouble(outer.path, LOCKED);
        if (!(await this.#visitor.file(inner))) return false;
        if (!(await this.into(inner))) return false;
      }
      return collector.over === undefined;
    } finally {
      collector.close();
    }
  }
}

/** Names are names only: whatever `..` or `/` they hold, nothing is ever written under them. */
function below(path: string, name: string): string {
  const clean = printable(name);
  return path === '' ? clean : clean === '' ? path : `${path}/${clean}`;
}

const NAME_MAX = 255;

function printable(name: string): string {
  // Control characters would write into logs and terminals.
  const clean = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
  return clean.length > NAME_MAX ? `${clean.slice(0, NAME_MAX)}…` : clean;
}
