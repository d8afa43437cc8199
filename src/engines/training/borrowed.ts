/**
 * Imports are known of one table of malware and one of good files, and the good ones there are .NET or new: imports of
 * any kind beside headers of old Windows programs would look like malware. So files of which nobody wrote the imports
 * down borrow those of a file that was: seven times in ten of one with the same label, else of one with the other. That
 * leaves the headers their say, and lets the imports count for less than the two tables alone would have it.
 */
import { importFactsIn } from '../prediction/index.ts';
import { seeded } from './random.ts';
import type { Sample } from './tables.io.ts';

const SAME_LABEL = 0.7;
const SEED = 77;
/** Where the compilers of .NET put the code; such files import one function, and need none from others. */
const DOTNET_CODE = 0x2000;

/** The same rows in the same order. Without native programs of both labels that have imports, nothing is borrowed. */
export function withBorrowedImports(samples: readonly Sample[]): readonly Sample[] {
  const lenders = [false, true].map((label) =>
    samples.filter((each) => each.isBad === label && isNative(importFactsIn(each.columns))),
  );
  const [good = [], bad = []] = lenders;
  if (good.length === 0 || bad.length === 0) return samples;
  const random = seeded(SEED);
  return samples.map((sample) => {
    const { columns, isBad } = sample;
    if (importFactsIn(columns) !== undefined || columns.BaseOfCode === DOTNET_CODE) return sample;
    const from = isBad === random() < SAME_LABEL ? bad : good;
    const facts = importFactsIn(from[Math.floor(random() * from.length)]!.columns);
    return { ...sample, columns: { ...columns, ...facts } };
  });
}

function isNative(facts: ReturnType<typeof importFactsIn>): boolean {
  return facts?.['imports-dotnet-alone'] === 0;
}
