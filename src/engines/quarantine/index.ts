export { type QuarantineAdmin, QuarantineStore } from './admin.io.ts';
export { quarantineCommands, type QuarantineEngines } from './commands.ts';
export { createQuarantine, type OpenedItem, type Quarantine } from './edge.io.ts';
export { quarantineErrors } from './errors.ts';
export type { Actor, ItemFinding, KeepFailure, KeepRequest, KeepResult, QuarantineItem } from './item.ts';
export { quarantineMetrics } from './metrics.ts';
export { serveQuarantine } from './serve.io.ts';
