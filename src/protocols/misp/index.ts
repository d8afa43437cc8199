export { type MispManifestEntry, readMispManifest } from './manifest.ts';
export { MISP_OPTIONS, type MispOptions, readMisp } from './read.ts';
export {
  type MispAttribute,
  mispAttribute,
  type MispEntry,
  mispFeed,
  type MispFeedFiles,
  type MispFeedOptions,
  mispOrganization,
} from './write.ts';
