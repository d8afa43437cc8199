import type { Migration } from './migration.ts';

/** Before: an empty file. After: versions, audit, users, tokens, documents of other engines, facts. */
export const first: Migration = {
  number: 1,
  name: 'first',
  statements: [
    `create table versions (
      number integer primary key autoincrement,
      at_ms integer not null,
      author text not null,
      summary text not null,
      diff text not null,
      document text not null
    )`,
    `create table audit (
      id integer primary key autoincrement,
      at_ms integer not null,
      actor text not null,
      source text not null,
      action text not null,
      outcome text not null,
      details text not null
    )`,
    // Append only, also for our own mistakes.
    `create trigger audit_keep before update on audit begin select raise(abort, 'audit is append only'); end`,
    `create trigger audit_stay before delete on audit begin select raise(abort, 'audit is append only'); end`,
    `create table documents (
      section text not null,
      name text not null,
      body text not null,
      primary key (section, name)
    )`,
    `create table users (
      name text primary key,
      role text not null,
      password text,
      created_at_ms integer not null,
      password_at_ms integer
    )`,
    `create table tokens (
      name text primary key,
      hash text not null unique,
      scopes text not null,
      created_at_ms integer not null,
      created_by text not null,
      expires_at_ms integer,
      last_used_at_ms integer
    )`,
    'create table facts (name text primary key, value text not null)',
  ],
};
