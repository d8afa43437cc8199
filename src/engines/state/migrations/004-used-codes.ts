import type { Migration } from './migration.ts';

/** Before: steps whose codes were taken are forgotten with the process, all but the last. After: they outlive it. */
export const usedCodes: Migration = {
  number: 4,
  name: 'used-codes',
  statements: [
    `alter table user_totp add column used_steps text not null default '[]'`,
    `update user_totp set used_steps = '[' || last_step || ']'`,
  ],
};
