import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Artifact, isArtifact } from './artifact.ts';

/** The `.json` of an artifact; `undefined`: it is not there, or no longer whole. */
export function readArtifact(dir: string, key: string): Artifact | undefined {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(join(dir, `${key}.json`), 'utf8'));
  } catch {
    // Not rendered yet or evicted: either way it is rendered now.
    return undefined;
  }
  return isArtifact(data) ? data : undefined;
}

interface Kept {
  readonly artifact: Artifact;
  readonly usedAtMs: number;
  readonly bytes: number;
}

/** The folder of rendered exports, as control keeps it. Edges only read it. */
export class ExportCache {
  readonly dir: string;
  readonly #bytesMax: () => number;

  constructor(dir: string, bytesMax: () => number) {
    this.dir = dir;
    this.#bytesMax = bytesMax;
  }

  /** Makes the folder and removes what a rendering that was killed has left. */
  open(): void {
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    const kept = new Set(this.#all().flatMap(({ artifact }) => filesOf(artifact)));
    for (const name of readdirSync(this.dir)) {
      if (!name.endsWith('.json') && !kept.has(name)) rmSync(join(this.dir, name), { force: true });
    }
  }

  artifacts(): readonly Artifact[] {
    if (!existsSync(this.dir)) return [];
    return this.#all().map(({ artifact }) => artifact);
  }

  /** Renderings of a variant, of whatever state of the indicators, the newest first. */
  ofVariant(variant: string): readonly Artifact[] {
    return this.artifacts()
      .filter((each) => each.variant === variant)
      .toSorted((x, y) => y.builtAtMs - x.builtAtMs);
  }

  /**
   * After a rendering: what it replaces goes, and then what was not used for longest, until the rest is within
   * bounds. Whoever is reading a file keeps it until the end. The newest index of a collection stays: the dates of
   * its objects are nowhere else.
   */
  tidy(fresh: Artifact, replaced: readonly Artifact[]): void {
    for (const artifact of replaced) this.#remove(artifact, fresh);
    const left = this.#all()
      .filter(({ artifact }) => artifact.variant !== fresh.variant)
      .toSorted((x, y) => x.usedAtMs - y.usedAtMs);
    let bytes = fresh.bytes + fresh.gzipBytes + left.reduce((sum, each) => sum + each.bytes, 0);
    for (const each of left) {
      if (bytes <= this.#bytesMax()) return;
      if (each.artifact.index !== undefined) continue;
      this.#remove(each.artifact, fresh);
      bytes -= each.bytes;
    }
  }

  /** Everything of exports that are no more. */
  forget(isKnown: (name: string) => boolean): void {
    if (!existsSync(this.dir)) return;
    for (const { artifact } of this.#all()) if (!isKnown(artifact.name)) this.#remove(artifact, undefined);
  }

  #remove(artifact: Artifact, fresh: Artifact | undefined): void {
    const kept = new Set(fresh === undefined ? [] : filesOf(fresh));
    for (const name of filesOf(artifact)) if (!kept.has(name)) rmSync(join(this.dir, name), { force: true });
    if (artifact.key !== fresh?.key) rmSync(join(this.dir, `${artifact.key}.json`), { force: true });
  }

  #all(): readonly Kept[] {
    return readdirSync(this.dir)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => {
        const artifact = readArtifact(this.dir, name.slice(0, -5));
        const usedAtMs = statSync(join(this.dir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
        return artifact === undefined
          ? []
          : [{ artifact, usedAtMs, bytes: artifact.bytes + artifact.gzipBytes }];
      });
  }
}

function filesOf({ file, gzip, index }: Artifact): readonly string[] {
  return [file, ...(gzip === undefined ? [] : [gzip]), ...(index === undefined ? [] : [index.file])];
}
