import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../kernel/index.ts';
import { indicatorErrors } from './errors.ts';
import {
  decodeManifest,
  EMPTY_MANIFEST,
  encodeManifest,
  filesOf,
  type Manifest,
  MANIFEST_FILE,
  MANIFEST_VERSION,
} from './manifest.ts';

/** The manifest of a folder; empty when nothing was imported yet. Throws when it is damaged. */
export function readManifest(dir: string): Manifest {
  const path = join(dir, MANIFEST_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return EMPTY_MANIFEST;
    throw indicatorErrors.INDICATORS_MANIFEST_DAMAGED(
      { path, dir, reason: messageOf(error) },
      { cause: error },
    );
  }
  const manifest = decodeManifest(text);
  if (typeof manifest === 'number')
    throw indicatorErrors.INDICATORS_VERSION({ path, dir, version: manifest, reads: MANIFEST_VERSION });
  if (typeof manifest === 'string')
    throw indicatorErrors.INDICATORS_MANIFEST_DAMAGED({ path, dir, reason: manifest });
  return manifest;
}

/** Swaps the manifest: after a crash there is the old one or this one. The caller holds the lock. */
export function writeManifest(dir: string, manifest: Manifest): void {
  writeWhole(dir, MANIFEST_FILE, encodeManifest(manifest));
}

/** Writes beside, forces to disk, renames, and forces the name to disk. */
export function writeWhole(dir: string, name: string, text: string): void {
  const temporary = join(dir, `${name}.${process.pid}.tmp`);
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, join(dir, name));
  syncFolder(dir);
}

export function syncFolder(dir: string): void {
  const folder = openSync(dir, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Removes what the manifest does not name: left by an import that was killed, or replaced. The caller holds both
 * locks, or a file could be one that somebody is about to name.
 */
export function removeWaste(dir: string, manifest: Manifest): void {
  const kept = new Set(filesOf(manifest));
  for (const name of readdirSync(dir)) {
    if (/\.(?:seg|val|run|prints|tmp|local)$/.test(name) && !kept.has(name))
      rmSync(join(dir, name), { force: true });
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
