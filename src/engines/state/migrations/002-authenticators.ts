import type { Migration } from './migration.ts';

/** Before: users have a password at most. After: also public keys of SSH and a second factor. */
export const authenticators: Migration = {
  number: 2,
  name: 'authenticators',
  statements: [
    `create table user_keys (
      user text not null,
      fingerprint text not null,
      line text not null,
      created_at_ms integer not null,
      primary key (user, fingerprint)
    )`,
    `create table user_totp (
      user text primary key,
      sealed text not null,
      confirmed_at_ms integer,
      last_step integer not null
    )`,
  ],
};
