/** SHA-256 of the bodies of the models in `models/`. Written by `npm run train:files` and `npm run train:urls`. */
export const SHIPPED_DIGESTS: readonly string[] = [
  'f9bf7190856a5002cc66d9cdab599510cc361fc86c03c9ed7fdc79890e9bddf4',
  '16b9186cadffd9908a6e03d1d38ae1ff86d00aa73bd10d835425c1ce718414a2',
  '879344e1b9a91a47d8b73b82e17fb3f2c3f50015a81cce35639b481a9d725732',
];
