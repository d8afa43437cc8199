export {
  createExportAccess,
  type ExportAccess,
  type ExportAccessOptions,
  type ExportRequest,
  type OpenExport,
} from './access.io.ts';
export {
  createExportAdmin,
  type ExportAdmin,
  type ExportAdminOptions,
  type ExportSnapshot,
} from './admin.ts';
export { type Artifact, type ArtifactPart, MARK_EVERY, skippedText } from './artifact.ts';
export { exportCommands, type ExportEngines } from './commands.ts';
export { type ExportDefinition, exportShape, TAXII_FORMAT } from './definition.ts';
export { type CollectionDefinition, collectionsSection, exportsSection } from './document.ts';
export { exportErrors } from './errors.ts';
export { exportMetrics } from './metrics.ts';
export { Renderer } from './renderer.io.ts';
export { type ByteRange, lineRange, sendRanges } from './send.io.ts';
export { exportPage, type ObjectPage } from './taxii-read.io.ts';
export { WrittenStore } from './written-store.io.ts';
export { type WrittenAnswer, type WrittenCall, WrittenCollections, type WrittenOptions } from './written.ts';
