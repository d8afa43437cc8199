export { serveFileReputation, type FileReputationControl } from './control.ts';
export { createFileReputation, type FileReputation } from './edge.ts';
export { parentId, type RelationPage } from './relations.ts';
export type { SessionContent } from './sessions.ts';
export { turn } from './turn.io.ts';
