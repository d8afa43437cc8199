import type { Migration } from './migration.ts';

/** Before: sessions of the console are forgotten with the process. After: they outlive it. */
export const sessions: Migration = {
  number: 3,
  name: 'sessions',
  statements: [
    `create table sessions (
      id text primary key,
      hash text not null unique,
      user text not null,
      role text not null,
      source text not null,
      started_at_ms integer not null,
      last_seen_at_ms integer not null,
      ends_at_ms integer not null,
      password_at_ms integer
    )`,
  ],
};
