/** SHA-256 of the bodies of the models in `models/`. Written by `npm run train:files` and `npm run train:urls`. */
export const SHIPPED_DIGESTS: readonly string[] = [
  'f9bf7190856a5002cc66d9cdab599510cc361fc86c03c9ed7fdc79890e9bddf4',
  '6e55c307fdfce6c750e1e0632015394409341fa6fc67bb894aedae365ae5c4b5',
  '879344e1b9a91a47d8b73b82e17fb3f2c3f50015a81cce35639b481a9d725732',
];
