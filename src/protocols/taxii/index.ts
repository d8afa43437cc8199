export { acceptRefusal, contentTypeRefusal, isTaxiiMedia } from './media.ts';
export {
  envelopeOf,
  manifestOf,
  type PlacedRecord,
  placeRecords,
  recordOf,
  type TaxiiPage,
  taxiiPage,
  type TaxiiRecord,
  versionsOf,
} from './page.ts';
export {
  badQuery,
  decodeCursor,
  encodeCursor,
  readTaxiiQuery,
  TAXII_MATCHES,
  type TaxiiCursor,
  type TaxiiMatch,
  taxiiParameters,
  type TaxiiQuery,
  type TaxiiQueryLimits,
  type TaxiiRequest,
  type VersionMatch,
} from './query.ts';
export {
  readApiRoot,
  readCollection,
  readCollections,
  readDiscovery,
  readEnvelope,
  readErrorDocument,
  type Reading,
  readManifest,
  readStatus,
} from './read.ts';
export {
  errorDocument,
  isRefusal,
  STIX_MEDIA_TYPE,
  TAXII_MEDIA_TYPE,
  type TaxiiApiRoot,
  type TaxiiCollection,
  type TaxiiCollections,
  type TaxiiDiscovery,
  type TaxiiEnvelope,
  type TaxiiErrorDocument,
  type TaxiiManifest,
  type TaxiiManifestRecord,
  type TaxiiObject,
  type TaxiiRefusal,
  type TaxiiStatus,
  type TaxiiStatusDetails,
  type TaxiiVersions,
} from './resources.ts';
export { taxiiTimestamp, timestampKey } from './timestamp.ts';
export { apiRootUrls, taxiiUrls } from './urls.ts';
