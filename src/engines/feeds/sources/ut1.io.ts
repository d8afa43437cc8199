import { join } from 'node:path';
import { flattenUt1 } from '../../indicators/index.ts';
import { fetchFile, isKnown } from './list.io.ts';
import type { FetchContext, Fetched } from './source.ts';

/** A UT1 archive by URL, or an archive or folder of this machine: one feed, with the category at each entry. */
export async function fetchUt1(context: FetchContext): Promise<Fetched> {
  const { feed, limits, workDir } = context;
  const found = await fetchFile(context);
  if (found === 'unchanged') return { kind: 'unchanged', cursor: context.cursor ?? {}, wireBytes: 0 };
  const { file, cursor, wireBytes, upstreamAtMs } = found;
  if (isKnown(context, cursor)) return { kind: 'unchanged', cursor, wireBytes };
  context.progress('unpacking', 0, undefined);
  const flat = join(workDir, 'ut1.ndjson');
  const report = await flattenUt1(file, flat, {
    only: feed.only,
    bytesMax: limits.expandedBytesMax,
    lineBytesMax: limits.lineBytesMax,
  });
  const names = report.categories.map(({ name }) => name);
  const missing = feed.only.filter((name) => !names.includes(name));
  return {
    kind: 'changed',
    file: flat,
    format: 'sallyport',
    mode: 'replace',
    cursor,
    wireBytes,
    upstreamAtMs,
    notes: [
      ...(report.rejected === 0 ? [] : [`${report.rejected} lines are no domain, URL or address.`]),
      ...(missing.length === 0 ? [] : [`It has no category ${missing.join(', ')}.`]),
    ],
    commit: () => {},
  };
}
