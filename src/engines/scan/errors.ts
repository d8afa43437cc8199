import { defineErrors } from '../../kernel/index.ts';

export const scanErrors = defineErrors({
  SCAN_NOT_KEPT: {
    kind: 'limit',
    message: 'the file was not kept: {why}',
    hint: 'raise scan.bytesMax or scan.spoolMax, or make room in DATA_DIR/spool',
  },
  SCAN_RULES_UNREADABLE: {
    kind: 'config',
    message: 'the rules {path} cannot be read ({why})',
    hint: 'name a .yar or .yara file, a folder of such files, or a ZIP archive of them',
  },
  SCAN_RULES_WRONG: {
    kind: 'config',
    message: 'the rule set {name} has {count} mistakes, and none of it was taken: {problems}',
    hint: 'correct the lines that are named; the rules in force are as before',
  },
  SCAN_RULES_TOO_LARGE: {
    kind: 'limit',
    message: 'the rule set {name} is larger than {max} bytes',
    hint: 'import it in parts, or raise scan.yara.ruleBytesMax',
  },
  SCAN_RULES_NAME: {
    kind: 'config',
    message: '{name} is no name of a rule set',
    hint: 'use 1 to 64 lower-case letters, digits, dots, hyphens and underscores: --name NAME',
  },
  SCAN_RULES_UNKNOWN: {
    kind: 'config',
    message: 'there is no rule set {name}',
    hint: 'see: scan rules list',
    exit: 7,
  },
  SCAN_YARA_UNAVAILABLE: {
    kind: 'unavailable',
    message: 'YARA rules cannot be compiled on this machine: {why}',
    hint: 'the library is an optional package for Linux on x64 with glibc; run npm ci without --omit=optional',
  },
});
