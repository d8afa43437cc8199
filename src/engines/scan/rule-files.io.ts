import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isErrno } from '../../platform/index.ts';
import type { RuleSource } from './job.ts';

/** Rules that come with the gateway. */
const SHIPPED = new URL('rules/', import.meta.url);

/** Where imported rule sets are: one folder each. */
export function rulesDir(dataDir: string): string {
  return join(dataDir, 'scan', 'rules');
}

export function shippedRules(): readonly RuleSource[] {
  return rulesIn(SHIPPED.pathname, 'shipped');
}

/** The shipped rules, then the imported sets by name. */
export function allRules(dataDir: string): readonly RuleSource[] {
  const dir = rulesDir(dataDir);
  return [...shippedRules(), ...setNames(dir).flatMap((name) => rulesIn(join(dir, name), name))];
}

export function setNames(dir: string): readonly string[] {
  return folderNames(dir).filter((name) => !name.startsWith('.'));
}

/** Folders of sets that are being written or taken away. */
export function hiddenNames(dir: string): readonly string[] {
  return folderNames(dir).filter((name) => name.startsWith('.'));
}

function folderNames(dir: string): readonly string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((each) => each.isDirectory())
      .map(({ name }) => name)
      .toSorted();
  } catch (error) {
    // Nothing was imported yet.
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The rule files of a folder and those below it, in a stable order. */
export function rulesIn(dir: string, set: string): readonly RuleSource[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && isRuleFile(each.name))
    .map((each) => join(each.parentPath, each.name))
    .toSorted()
    .map((path) => ({
      namespace: `${set}/${relative(dir, path).replace(/\.yara?$/i, '')}`,
      text: readFileSync(path, 'utf8'),
    }));
}

export function isRuleFile(name: string): boolean {
  return /\.yara?$/i.test(name);
}
