import { defineCriterion, overFact, shown } from '../criterion.ts';
import { FACT } from '../facts.ts';
import { compileGlob } from '../glob.ts';
import { globProblem } from './texts.ts';

export const fileName = defineCriterion<readonly string[]>({
  name: 'file-name',
  about:
    'Name of the file: by Content-Disposition, else the last part of the path; `*` stands for anything, in any case',
  example: '["*.exe", "invoice*.zip"]',
  shape: { kind: 'texts', what: 'file name', lower: true, check: globProblem },
  compile(values) {
    const tests = values.map((text) => compileGlob(text));
    return overFact(
      FACT['response-head'],
      ({ fileName: name }) => {
        if (name === undefined) return undefined;
        const lower = name.toLowerCase();
        return tests.some((fits) => fits(lower));
      },
      { what: 'file name', value: ({ fileName: name }) => name ?? '', wanted: shown(values) },
    );
  },
});
