/** SHA-256 of the bodies of the models in `models/`. Written by `npm run train:files` and `npm run train:urls`. */
export const SHIPPED_DIGESTS: readonly string[] = [
  'f9bf7190856a5002cc66d9cdab599510cc361fc86c03c9ed7fdc79890e9bddf4',
  '6e0a68170e0b710195388863ac21a6af8e88ec464e609cbfa8e1d8e2bc4487fa',
  '879344e1b9a91a47d8b73b82e17fb3f2c3f50015a81cce35639b481a9d725732',
];
