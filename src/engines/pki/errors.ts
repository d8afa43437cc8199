import { EXIT, defineErrors } from '../../kernel/index.ts';

export const pkiErrors = defineErrors({
  PKI_MASTER_KEY: {
    kind: 'config',
    message: 'the master key {file} cannot be used ({problem})',
    hint: 'It must be the file of 32 bytes that was made with this data directory, mode 0600; restore it from a backup',
    exit: EXIT.state,
  },
  PKI_SEALED: {
    kind: 'config',
    message: '{file} was not sealed with {masterKey}, or is damaged',
    hint: 'Restore both from the same backup; or remove the folder {folder} to make a new authority, which clients must then trust anew',
    exit: EXIT.state,
  },
  PKI_AUTHORITY: {
    kind: 'config',
    message: 'the authority in {folder} is incomplete ({problem})',
    hint: 'Restore the folder from a backup, or remove it to make a new authority, which clients must then trust anew',
    exit: EXIT.state,
  },
  PKI_STORE: {
    kind: 'unavailable',
    message: 'the certificates in {folder} cannot be read or written ({problem})',
    hint: 'The user who runs sallyport must own the folder, and the disk must have room',
    exit: EXIT.state,
  },
  PKI_FILE: {
    kind: 'config',
    message: '{key}: the file {file} cannot be used ({problem})',
    hint: 'It must be a PEM file that the user who runs sallyport may read: the certificate first, then its chain; the key without passphrase',
    exit: EXIT.usage,
  },
  PKI_KEY_MISMATCH: {
    kind: 'config',
    message:
      'tls.keyFile {keyFile} is not the key of the first certificate in tls.certificateFile {certificateFile}',
    hint: 'Put the certificate of the gateway first in the file, before those of its authorities, or name its own key',
    exit: EXIT.usage,
  },
  PKI_IMPORT: {
    kind: 'config',
    message: 'this cannot be the {what}: {problem}',
    hint: 'Give PEM: the certificate first, then those of its authorities, each signed by the next one, and the private key without passphrase',
    exit: EXIT.failed,
  },
  PKI_IMPORT_FILE: {
    kind: 'config',
    message: 'the file {file} cannot be read ({problem})',
    hint: 'The user who runs sallyport must be able to read it; it holds certificates or a key in PEM',
    exit: EXIT.failed,
  },
  PKI_SETTING: {
    kind: 'refused',
    message: 'the server certificate is the one of tls.certificateFile {certificateFile}',
    hint: 'Replace the files and run `sallyport reload`; or remove tls.certificateFile and tls.keyFile from the configuration, reload, and import then',
    exit: EXIT.refused,
  },
  PKI_REPLACE: {
    kind: 'refused',
    message: 'another authority takes the place of {subject}, which clients trust now',
    hint: 'Add --replace when clients can trust the new one; `backup` keeps the old one',
    exit: EXIT.refused,
  },
  PKI_NOT_IMPORTED: {
    kind: 'refused',
    message: 'there is no server certificate that was imported',
    hint: '`show certificates` says where the one comes from that is shown',
    exit: EXIT.refused,
  },
  PKI_EXPIRED: {
    kind: 'config',
    message: 'tls.certificateFile {certificateFile} is valid from {from} to {to}, and not now',
    hint: 'Put a new certificate there and run `sallyport reload`; or remove tls.certificateFile to use the own authority',
    exit: EXIT.usage,
  },
});
