import type { ModifyingAction } from './action.ts';

export const scan: ModifyingAction<'scan'> = {
  kind: 'modifying',
  name: 'scan',
  about:
    'Have the body scanned by this profile: `full`, `hashes`, `off`, or one of `scan.profiles` in the configuration. The first rule that says one wins',
  example: 'full',
  collect: (effects, _rule, profile) => void (effects.scan ??= profile),
};
