import { block } from '../decision.ts';
import { FACT } from '../facts.ts';
import type { BuiltInRule } from './built-in.ts';

/** What the rules over files wait for, where a door scans bodies. */
export const FILE_BITS = FACT['file-verdict'];

/** Bodies of doors that scan: what is malicious is refused, and so is what could not be looked at whole. */
export const fileRules: readonly BuiltInRule[] = [
  {
    name: 'file-malicious',
    decide({ file }) {
      if (file?.verdict !== 'malicious') return undefined;
      const [finding] = file.findings;
      const by = finding === undefined ? 'by its hash' : `by ${finding.stage}: ${finding.name}`;
      const place = finding === undefined || finding.path === '' ? '' : ` in ${finding.path}`;
      return {
        ...block('file-malicious', 'file-malicious', `the file is malicious ${by}${place}`),
        match: finding === undefined ? file.matches[0] : undefined,
      };
    },
    whyNot: ({ file }) => (file === undefined ? 'no file was scanned' : `the file is ${file.verdict}`),
  },
  {
    name: 'file-incomplete',
    decide({ file, passIncomplete }) {
      if (passIncomplete === true) return undefined;
      const [first] = file?.incomplete ?? [];
      // Known good by its SHA-256: what is inside is known as well.
      if (first === undefined || file?.verdict === 'clean') return undefined;
      const place = first.path === '' ? 'the file' : first.path;
      const why = `${place} could not be looked at by ${first.stage}: ${first.reason}`;
      return block(
        'file-incomplete',
        `file-${first.reason}`,
        first.detail === '' ? why : `${why} (${first.detail})`,
      );
    },
    whyNot: ({ file, passIncomplete }) =>
      passIncomplete === true
        ? 'the door lets pass what could not be looked at whole'
        : file === undefined
          ? 'no file was scanned'
          : file.incomplete.length === 0
            ? 'the whole file was looked at'
            : 'the file is known good',
  },
];
