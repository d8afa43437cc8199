import { defineErrors } from '../../kernel/index.ts';

export const exportErrors = defineErrors({
  EXPORT_UNKNOWN: {
    kind: 'config',
    message: 'There is no export "{name}"',
    hint: 'See: export list',
    exit: 7,
  },
  EXPORT_BUILT_IN: {
    kind: 'refused',
    message: 'The export "{name}" is built in and cannot be removed',
    hint: 'Remove the feed of that name, or add an export of the same name, which replaces it',
  },
  EXPORT_NAME: {
    kind: 'config',
    message: '"{name}" is no name of an export',
    hint: 'Use a-z, 0-9, dot, hyphen and underscore, at most 64 characters',
  },
  EXPORT_EXISTS: {
    kind: 'refused',
    message: 'There is an export "{name}" already',
    hint: 'Remove it first: export remove {name}',
  },
  EXPORT_VALUE: {
    kind: 'config',
    message: 'The export cannot be made: {path}: {reason}',
    hint: 'See: help export add',
  },
  EXPORT_FORMAT_UNKNOWN: {
    kind: 'config',
    message: 'There is no export format "{format}"',
    hint: 'Formats: {formats}',
  },
  EXPORT_TOO_MANY_WAITING: {
    kind: 'limit',
    message: '{waiting} exports wait to be written already',
    hint: 'Try again later; the bound is the setting exports.rendersWaitingMax',
  },
  EXPORT_RENDER_DIED: {
    kind: 'unavailable',
    message: 'The process that wrote the export {name} ended early ({reason})',
    hint: 'See the log of the gateway, check that the disk is not full, and ask again',
  },
  EXPORT_TOO_LARGE: {
    kind: 'limit',
    message: 'The export {name} as {format} has more than {bytes} bytes',
    hint: 'Narrow it with a filter, or raise exports.fileBytesMax',
  },
  COLLECTION_UNKNOWN: {
    kind: 'config',
    message: 'There is no collection "{name}"',
    hint: 'See: collection list',
    exit: 7,
  },
  COLLECTION_EXISTS: {
    kind: 'refused',
    message: 'There is a collection "{name}" already',
    hint: 'Remove it first: collection remove {name}',
  },
  COLLECTION_NAME_TAKEN: {
    kind: 'refused',
    message: 'The name "{name}" belongs to a feed or an export',
    hint: 'What is written to a collection becomes a feed of its name, so choose a name that is free',
  },
  COLLECTION_FULL: {
    kind: 'limit',
    message: 'The collection {name} holds {max} objects, the most it may',
    hint: 'Delete objects, or raise taxii.collectionObjectsMax',
  },
  COLLECTION_STORE: {
    kind: 'unavailable',
    message: 'The store of written collections {path} cannot be used: {reason}',
    hint: 'Check the disk and the rights of the folder, or restore the file from a backup',
    exit: 4,
  },
});
