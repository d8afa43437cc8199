import { messageOf } from '../../kernel/index.ts';
import { SQLITE, sqliteCode } from '../../platform/index.ts';
import { stateErrors } from './errors.ts';

/** What a failure of SQLite or of the file system means to the operator; everything else stays what it is. */
export function stateFailure(error: unknown, dataDir: string, path: string): unknown {
  const reason = messageOf(error);
  const options = { cause: error };
  switch (sqliteCode(error)) {
    case SQLITE.corrupt:
    case SQLITE.notADatabase:
      return stateErrors.STATE_CORRUPT({ path, dataDir, reason }, options);
    case SQLITE.full:
      return stateErrors.STATE_DISK_FULL({ dataDir }, options);
    case SQLITE.ioError:
      return stateErrors.STATE_IO({ dataDir, reason }, options);
    case SQLITE.readonly:
    case SQLITE.cannotOpen:
      return stateErrors.STATE_UNWRITABLE({ dataDir, reason }, options);
    case SQLITE.busy:
      return stateErrors.STATE_LOCKED({ dataDir }, options);
    default:
      break;
  }
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ERR_INVALID_STATE') return stateErrors.STATE_CLOSED({}, options);
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    return stateErrors.STATE_DISK_FULL({ dataDir }, options);
  const errno = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENOENT', 'ENAMETOOLONG', 'EIO'];
  if (errno.includes(String(error.code))) {
    return stateErrors.STATE_UNWRITABLE({ dataDir, reason: String(error.code) }, options);
  }
  return error;
}
