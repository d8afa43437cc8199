import { defineErrors, EXIT } from '../../kernel/index.ts';

export const backupErrors = defineErrors({
  BACKUP_PASSPHRASE: {
    kind: 'config',
    message: 'the passphrase of {path} cannot be used: {reason}',
    hint: 'write at least 12 characters into the first line of a file that only you may read, and name it with --passphrase-file; over the API it is the member passphrase',
  },
  BACKUP_UNWRITABLE: {
    kind: 'unavailable',
    message: 'the backup cannot be written to {path}: {reason}',
    hint: 'choose a folder that the user of the gateway may write to, with room for the data',
  },
  BACKUP_BUSY: {
    kind: 'unavailable',
    message: 'files of the data directory changed faster than they could be collected',
    hint: 'try again when no import runs',
  },
  BACKUP_UNREADABLE: {
    kind: 'config',
    message: '{path} is no backup that can be read: {reason}',
    hint: 'take a file that sallyport backup wrote, whole and unchanged',
    exit: EXIT.failed,
  },
  BACKUP_WRONG_PASSPHRASE: {
    kind: 'refused',
    message: '{path} does not open with this passphrase, or was changed',
    hint: 'take the passphrase that it was made with; without it nothing can be read',
  },
  BACKUP_NEWER: {
    kind: 'refused',
    message: '{path} is of format {format}; this gateway reads format {known}',
    hint: 'restore it with a newer version',
  },
  RESTORE_NOT_EMPTY: {
    kind: 'refused',
    message: '{dataDir} holds the data of a gateway',
    hint: 'add --replace to exchange it (what was there is kept in before-restore), or name another folder with --data-dir',
  },
});
