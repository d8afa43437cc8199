/** SHA-256 of the bodies of the models in `models/`. Written by `npm run train:files` and `npm run train:urls`. */
export const SHIPPED_DIGESTS: readonly string[] = [
  // domains.model, version 1
  'b0b6c18f472de2d426fe692db0ba1ae350786cf6733dde9487197834eabc0b84',
  // files.model, version 1
  '7607c9488c525b7593ae6b327d9d2f050edf20e8cb006f4253d691cc70464159',
  // urls.model, version 1
  'aaf0ae48b0b37bb67aa5dfb286dcd3c69297b43ffbb46691a77fce35ff9612e6',
];
