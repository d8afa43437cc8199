export {
  CERTIFICATE_BYTES_MAX,
  isCertificateAlgorithm,
  isSignedByAuthority,
  parseCertificate,
  type Certificate,
} from './certificate.ts';
export { isMark, markOf } from './mark.ts';
export { encodeEd25519, encodePublicKey } from './private-key.ts';
export { fingerprint, keyLine, parseKeyLine, parsePublicKey, type PublicKey } from './public-key.ts';
export { isSignedBy } from './signature.ts';
export { Fields, string } from './wire.ts';
