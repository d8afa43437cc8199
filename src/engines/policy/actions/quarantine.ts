import type { ModifyingAction } from './action.ts';

export const quarantine: ModifyingAction<'quarantine'> = {
  kind: 'modifying',
  name: 'quarantine',
  about: 'Keep the body encrypted in quarantine when it is refused, where the door has scanned it',
  example: 'true',
  collect(effects) {
    effects.quarantine = true;
  },
};
