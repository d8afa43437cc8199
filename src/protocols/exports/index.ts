export {
  EXPORT_GROUPS,
  type ExportEntry,
  type ExportEntryKind,
  type ExportFacts,
  type ExportFormat,
  type ExportGroup,
  type ExportSink,
  type ExportWriter,
  groupOf,
} from './entry.ts';
export { EXPORT_FORMATS, exportFormat } from './formats.ts';
export { nativeLine } from './lines.ts';
export { stixIndicator, stixIndicatorId, stixProducer } from './stix.ts';
