import { indicatorErrors } from './errors.ts';

/** SQLITE_FULL. */
const SQLITE_FULL = 13;

/** A full disk as the operator's error; everything else stays what it is. */
export function diskFailure(error: unknown, dir: string): unknown {
  if (!(error instanceof Error)) return error;
  const isFull =
    ('errcode' in error && error.errcode === SQLITE_FULL) ||
    ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT'));
  return isFull ? indicatorErrors.INDICATORS_DISK_FULL({ dir }, { cause: error }) : error;
}
