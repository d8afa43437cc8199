import { defineErrors } from '../../kernel/index.ts';

export const quarantineErrors = defineErrors({
  QUARANTINE_UNKNOWN: {
    kind: 'config',
    message: 'there is no item "{id}" in the quarantine',
    hint: 'see: quarantine list - an item has gone when it expired, was purged, or had to make room',
    exit: 7,
  },
  QUARANTINE_AMBIGUOUS: {
    kind: 'config',
    message: '"{id}" is the beginning of {count} items',
    hint: 'give more characters of the id, see: quarantine list',
  },
  QUARANTINE_DAMAGED: {
    kind: 'unavailable',
    message: 'the item {id} is damaged: {reason}; nothing was restored',
    hint: 'restore the folder quarantine of the data directory from a backup, or remove the item: quarantine purge {id}',
  },
  QUARANTINE_KEY: {
    kind: 'unavailable',
    message: 'the key of the quarantine, {path}, cannot be used: {reason}',
    hint: 'restore master.key of the data directory from a backup; without it no item can be read',
  },
  QUARANTINE_TARGET: {
    kind: 'config',
    message: '{file} cannot be written: {reason}',
    hint: 'name a file that does not exist yet, in a folder that the user of the gateway may write to',
    exit: 7,
  },
  QUARANTINE_RESTORE_ELSEWHERE: {
    kind: 'refused',
    message: 'only the command line of the machine itself restores into its files',
    hint: 'fetch the bytes instead: GET /api/v1/quarantine/content/{id}, with a token of scope admin',
  },
  QUARANTINE_SELECTION: {
    kind: 'config',
    message: 'it is not said which items to remove',
    hint: 'name items, or use one of --all, --expired, --released and --older-than',
  },
  QUARANTINE_VALUE: {
    kind: 'config',
    message: '{option} does not take "{value}"',
    hint: '{expected}',
  },
});
