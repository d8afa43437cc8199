import { anyFits, defineCriterion, overFact, shown } from '../criterion.ts';
import { FACT } from '../facts.ts';
import { compileGlob } from '../glob.ts';
import { globProblem } from './texts.ts';

export const fileName = defineCriterion<readonly string[]>({
  name: 'file-name',
  about:
    'Name of the file: by Content-Disposition, else the last part of the path; `*` stands for anything, in any case',
  example: '["*.exe", "invoice*.zip"]',
  shape: { kind: 'texts', what: 'file name', lower: true, check: globProblem },
  compile(values, { share }) {
    const fits = anyFits(values.map((text) => compileGlob(text)));
    const lower = share('file-name', lowerOnce);
    return overFact(
      FACT['response-head'],
      ({ fileName: name }) => {
        return name === undefined ? undefined : fits(lower(name));
      },
      { what: 'file name', value: ({ fileName: name }) => name ?? '', wanted: shown(values) },
    );
  },
});

/** Lower case, made once for all rules that ask one after the other. */
function lowerOnce(): (name: string) => string {
  let last = '';
  let lower = '';
  return (name) => {
    if (name !== last) {
      last = name;
      lower = name.toLowerCase();
    }
    return lower;
  };
}
