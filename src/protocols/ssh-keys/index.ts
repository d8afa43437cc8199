export {
  CERTIFICATE_BYTES_MAX,
  isCertificateAlgorithm,
  isSignedByAuthority,
  parseCertificate,
  type Certificate,
} from './certificate.ts';
export { KRL_BYTES_MAX, parseKrl, type Krl } from './krl.ts';
export { isMark, markAt, markOf, marksOf, needsAuthority, RevokedMarks } from './mark.ts';
export { encodeEd25519, encodePublicKey } from './private-key.ts';
export { fingerprint, keyLine, parseKeyLine, parsePublicKey, type PublicKey } from './public-key.ts';
export { isSignedBy, isUserVerified } from './signature.ts';
export { Fields, string, uint32 } from './wire.ts';
