import { partOf, piecesOf } from './source.ts';
import type { Item, Sink, Source } from './types.ts';

/** An inner file whose bytes are here already. */
export function bytesItem(name: string, bytes: Buffer | (() => Buffer)): Item {
  const read = (sink: Sink): undefined => {
    sink(typeof bytes === 'function' ? bytes() : bytes);
    return undefined;
  };
  return { kind: 'member', member: { name, read } };
}

/** An inner file that stands in its container as it is. */
export function partItem(name: string, source: Source, from = 0, length = source.size - from): Item {
  const read = (sink: Sink): undefined => {
    for (const piece of piecesOf(partOf(source, from, length))) if (!sink(piece)) break;
    return undefined;
  };
  return { kind: 'member', member: { name, read } };
}
