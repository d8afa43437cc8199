import { first } from './001-first.ts';
import { authenticators } from './002-authenticators.ts';
import { sessions } from './003-sessions.ts';
import { usedCodes } from './004-used-codes.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** In the order of their numbers, which begin at 1 and have no gaps. */
export const MIGRATIONS: readonly Migration[] = [first, authenticators, sessions, usedCodes];
