export { CSV_FIELDS, type CsvMapping } from './csv.ts';
export { DETECT_BYTES, detectFormat, isListFormat, LIST_FORMATS, type ListFormat } from './detect.ts';
export type { EntryDefaults, EntryKind, ListEntry, ListParser, ListProblem, ListSink } from './entry.ts';
export { type ListOptions, openListParser } from './parser.ts';
export { type ListValue, listValue } from './value.ts';
