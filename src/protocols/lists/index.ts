export { CSV_FIELDS, type CsvMapping } from './csv.ts';
export { DETECT_BYTES, detectFormat } from './detect.ts';
export {
  type FormatDefaults,
  formatDefaults,
  isListFormat,
  LIST_FORMATS,
  type ListFormat,
} from './formats.ts';
export type {
  EntryDefaults,
  EntryKind,
  ListEntry,
  ListParser,
  ListProblem,
  ListSink,
  ListValue,
} from './entry.ts';
export { listEntryLine } from './native.ts';
export type { ListOptions } from './options.ts';
export { openListParser } from './parser.ts';
export { emailValue, hashValue, listValue, listValues } from './value.ts';
