import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatDefaults } from '../../protocols/lists/index.ts';
import { indicatorErrors } from './errors.ts';
import type { ImportOptions, ImportReport } from './import-types.ts';
import { flattenUt1 } from './ut1.io.ts';

/** A folder or a tar archive is a tree of categories; everything else is one list. */
export function isUt1Tree(file: string): boolean {
  return (
    /\.(?:tar|tar\.gz|tgz)$/i.test(file) || statSync(file, { throwIfNoEntry: false })?.isDirectory() === true
  );
}

/** Writes the tree as one list of format `sallyport`, imports that, and takes it away again. */
export async function importTree(
  options: ImportOptions,
  importList: (options: ImportOptions) => Promise<ImportReport>,
): Promise<ImportReport> {
  const { dir, file, format, action, category, limits } = options;
  if (format !== 'auto' && format !== 'ut1')
    throw indicatorErrors.INDICATORS_TREE_FORMAT({ path: file, format });
  // The name is one that an interrupted import leaves behind for the next to clear.
  const flat = join(dir, `ut1-${process.pid}.tmp`);
  const defaults = formatDefaults('ut1');
  try {
    const { rejected } = await flattenUt1(file, flat, {
      lineBytesMax: limits.lineBytesMax,
      bytesMax: limits.listBytesMax,
    });
    const report = await importList({
      ...options,
      file: flat,
      format: 'sallyport',
      action: action ?? defaults.action,
      category: category ?? defaults.category,
    });
    const reasons =
      rejected === 0
        ? report.reasons
        : [{ reason: 'no domain, URL or address', count: rejected }, ...report.reasons];
    return { ...report, format: 'ut1', rejected: report.rejected + rejected, reasons };
  } finally {
    rmSync(flat, { force: true });
  }
}
