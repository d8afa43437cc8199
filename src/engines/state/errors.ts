import { EXIT, defineErrors } from '../../kernel/index.ts';

export const stateErrors = defineErrors({
  STATE_LOCKED: {
    kind: 'refused',
    message: 'the state in {dataDir} is used by another process',
    hint: 'Another sallyport runs on this data directory: stop it, or start with another --data-dir',
    exit: EXIT.state,
  },
  STATE_CORRUPT: {
    kind: 'unavailable',
    message: 'the state store {path} is damaged ({reason})',
    hint: 'Stop the gateway, keep a copy of the file and restore the latest backup, or move state.db, state.db-wal and state.db-shm away to begin with an empty store',
    exit: EXIT.state,
  },
  STATE_FOREIGN: {
    kind: 'config',
    message: '{path} is a database of another program',
    hint: 'Use another --data-dir, or move that file away',
    exit: EXIT.state,
  },
  STATE_TOO_NEW: {
    kind: 'config',
    message: '{path} was written by a newer release (migration {found}; this one knows {known})',
    hint: 'Install that release again, or restore the backup made before the upgrade',
    exit: EXIT.state,
  },
  STATE_UNWRITABLE: {
    kind: 'config',
    message: 'the data directory {dataDir} cannot be used ({reason})',
    hint: 'The user who runs sallyport must own it; check owner, mode and mount options',
    exit: EXIT.state,
  },
  STATE_DISK_FULL: {
    kind: 'unavailable',
    message: 'the disk of {dataDir} is full; nothing was changed',
    hint: 'Free space there and repeat the command; what runs goes on meanwhile',
    exit: EXIT.state,
  },
  STATE_IO: {
    kind: 'unavailable',
    message: 'the disk of {dataDir} failed ({reason}); nothing was changed',
    hint: 'Look at the system log for errors of the disk',
    exit: EXIT.state,
  },
  STATE_CLOSED: {
    kind: 'unavailable',
    message: 'the state store is closed',
    hint: 'The gateway is stopping',
  },
  STATE_VERSION_UNKNOWN: {
    kind: 'refused',
    message: 'there is no configuration version {number}',
    hint: '`sallyport show config versions` lists them; the oldest kept is {oldest}',
  },
  STATE_DOCUMENT_INVALID: {
    kind: 'config',
    message: 'the document cannot be applied:\n{text}',
    hint: 'Compare it with the output of `sallyport config export`',
  },
});
