export { createScanEngine, type ScanEngineOptions } from './engine.io.ts';
export { scanErrors } from './errors.ts';
export { scanMetrics } from './metrics.ts';
export type { Scan, ScanEngine, ScanProfile, ScanRequest } from './types.ts';
