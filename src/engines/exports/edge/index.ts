// What an edge needs of this engine: it sends what control has rendered.
export { createExportAccess, type ExportAccess, type OpenExport } from '../access.io.ts';
export { skippedText } from '../artifact.ts';
export { type ExportDefinition, exportShape, TAXII_FORMAT } from '../definition.ts';
export { lineRange, sendRanges } from '../send.io.ts';
export { exportPage } from '../taxii-read.io.ts';
export type { WrittenAnswer, WrittenCall } from '../written.ts';
