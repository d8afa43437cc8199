import { defineErrors, EXIT } from '../../kernel/index.ts';

export const indicatorErrors = defineErrors({
  INDICATORS_MANIFEST_DAMAGED: {
    kind: 'unavailable',
    message: 'The indicator manifest {path} is damaged: {reason}',
    hint: 'Restore it from a backup, or delete the folder {dir} and import the lists again',
    exit: 4,
  },
  INDICATORS_VERSION: {
    kind: 'unavailable',
    message: 'The indicators in {path} have version {version}, this gateway reads {reads}',
    hint: 'Delete the folder {dir} and import the lists again',
    exit: 4,
  },
  INDICATORS_SEGMENT_DAMAGED: {
    kind: 'unavailable',
    message: 'The indicator file {path} is damaged: {reason}',
    hint: 'Import the list of feed {feed} again; until then the previous state stays in use where there is one',
  },
  INDICATORS_BUSY: {
    kind: 'refused',
    message: 'Another import is running and did not end within {seconds} s',
    hint: 'Wait until it has ended and try again',
  },
  INDICATORS_FILE_UNREADABLE: {
    kind: 'unavailable',
    message: 'The list {path} cannot be read: {reason}',
    hint: 'Check the path and that the gateway may read it',
  },
  INDICATORS_FILE_TOO_LARGE: {
    kind: 'limit',
    message: 'The list {path} is refused: {reason}',
    hint: 'Split the list, or check that it is what you think it is',
  },
  INDICATORS_FORMAT_UNKNOWN: {
    kind: 'config',
    message: 'There is no list format "{format}"',
    hint: 'Formats: {formats}',
  },
  INDICATORS_LIST_BROKEN: {
    kind: 'config',
    message: 'The list {path} cannot be used as {format}: {reason}',
    hint: 'Fetch it again as a whole, or name its format with --format; the feed is unchanged',
    exit: 7,
  },
  INDICATORS_NOTHING_IMPORTED: {
    kind: 'config',
    message:
      'The list {path} holds no entry that can be imported as {format}; {rejected} lines were rejected{first}',
    hint: 'Name the format with --format, or for CSV the columns with --map; the feed is unchanged',
    exit: 7,
  },
  INDICATORS_MOSTLY_REJECTED: {
    kind: 'config',
    message:
      'Of the list {path} only {accepted} lines can be imported as {format}, {rejected} were rejected{first}',
    hint: 'Check that it is the list that you mean and name its format with --format; --force imports what there is. The feed is unchanged',
    exit: 7,
  },
  INDICATORS_SHRUNK: {
    kind: 'refused',
    message: 'Feed {feed} would shrink from {before} to {after} entries, more than {percent} per cent',
    hint: 'Check the list; to import it all the same use --force, or allow more with --shrink-max. The feed is unchanged',
    exit: 7,
  },
  INDICATORS_TREE_FORMAT: {
    kind: 'config',
    message: '{path} is a folder or an archive, and {format} is a format of single lists',
    hint: 'Give --format ut1 for folders of categories, or the path of one list',
  },
  INDICATORS_UT1: {
    kind: 'unavailable',
    message: '{path} cannot be read as UT1: {reason}',
    hint: 'A folder or tar archive with CATEGORY/domains and CATEGORY/urls is needed; the feed is unchanged',
  },
  INDICATORS_FEED_NAME: {
    kind: 'config',
    message: '"{name}" is no feed name',
    hint: 'Use a-z, 0-9, dot, hyphen and underscore, at most 64 characters; "local" is taken',
  },
  INDICATORS_FEED_UNKNOWN: {
    kind: 'config',
    message: 'There is no feed "{name}"',
    hint: 'See: feed list',
    exit: 7,
  },
  INDICATORS_VALUE: {
    kind: 'config',
    message: '"{value}" is no domain, URL, address, network, hash or mail address: {reason}',
    hint: 'Examples: evil.example, =www.evil.example (that host only), evil.example/path/, 192.0.2.1, 192.0.2.0/24',
  },
  INDICATORS_LOCAL_UNKNOWN: {
    kind: 'config',
    message: 'The local lists hold no entry "{value}"',
    hint: 'See: show indicators',
    exit: 7,
  },
  INDICATORS_LOCAL_FULL: {
    kind: 'limit',
    message: 'The local lists hold {max} entries, the most they can',
    hint: 'Import the values as a feed instead: feed import',
  },
  INDICATORS_DISK_FULL: {
    kind: 'unavailable',
    message: 'The disk of {dir} is full; nothing was changed',
    hint: 'Free space there and repeat the command; the lists that are loaded stay in force meanwhile',
    exit: EXIT.state,
  },
  INDICATORS_OPTION: {
    kind: 'config',
    message: '--{option}: {reason}',
    hint: '{help}',
  },
  INDICATORS_IMPORT_DIED: {
    kind: 'unavailable',
    message: 'The import process ended early ({reason}); the feed is unchanged',
    hint: 'See the log of the gateway and import again',
  },
  INDICATORS_FILTER: {
    kind: 'bug',
    message: 'No filter could be built over {keys} keys',
  },
});
