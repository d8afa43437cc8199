export {
  abstains,
  type FileModel,
  type FileModelBody,
  type MeasuredCurve,
  type MeasuredGroup,
  readFileModel,
  scorePe,
} from './file-model.ts';
export {
  MODEL_BYTES_MAX,
  MODEL_KINDS,
  type ModelFile,
  type ModelKind,
  type ModelRefusal,
  type ModelTrust,
  readModel,
  writeModel,
} from './model-file.ts';
export { ModelShelf, type ModelVersion, SHIPPED } from './models.io.ts';
export { createPredictor, type Predictor, type PredictorOptions } from './predictor.io.ts';
export { RULE_BYTES, scoreByRules } from './file-rules.ts';
export { predictionErrors } from './errors.ts';
export { columnsOf, type PeColumn, type PeColumns, readColumns } from './pe-columns.ts';
export { IMPORT_FACT_NAMES, type ImportFacts, importFactsIn, withoutImportFacts } from './pe-imports.ts';
export { PE_FEATURE_NAMES, peVector } from './pe-features.ts';
export { type PageFacts, pageFacts, type PageForm, PAGE_LIMITS } from './page-facts.ts';
export { judgePage, type PageContext, type PageSign, type PageVerdict } from './pages.ts';
export type { Calibration, SiteReason, SiteScore } from './site-score.ts';
export { type DomainModel, readDomainModel, scoreDomain } from './domains.ts';
export { createSitePredictor, type SitePredictor } from './sites.ts';
export { readUrlModel, scoreUrl, type UrlModel } from './urls.ts';
export {
  LEAF,
  MISSING_LEFT,
  NODE_BYTES,
  type PackedNode,
  packNodes,
  readTrees,
  sigmoid,
  type TreeModel,
  type TreesData,
} from './trees.ts';
