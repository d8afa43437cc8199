/** Section names that packers and protectors leave, each from what the program itself writes. */
const PACKERS: readonly (readonly [RegExp, string])[] = [
  [/^UPX[0-9!]$/, 'UPX'],
  [/^\.?(?:aspack|adata)$/, 'ASPack'],
  [/^\.?MPRESS\d$/i, 'MPRESS'],
  [/^\.vmp\d$/, 'VMProtect'],
  [/^\.?(?:themida|winlice)$/i, 'Themida'],
  [/^\.enigma\d$/, 'Enigma'],
  [/^(?:PEC2|PECompact2|pec\d?)/i, 'PECompact'],
  [/^\.?petite$/i, 'Petite'],
  [/^(?:FSG!|\.?fsg)/i, 'FSG'],
  [/^\.?nsp\d$/i, 'NsPack'],
  [/^\.?MEW$/i, 'MEW'],
  [/^\.?(?:yP|y0da)$/i, 'Yoda'],
  [/^\.?WWP32$/i, 'WWPack'],
  [/^\.perplex$/, 'Perplex'],
  [/^\.?RLPack$/i, 'RLPack'],
  [/^\.?(?:Upack|ByDwing)$/i, 'Upack'],
  [/^\.?svkp$/i, 'SVK Protector'],
];

export function packersOf(names: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const name of names) {
    for (const [pattern, packer] of PACKERS) if (pattern.test(name)) found.add(packer);
  }
  return [...found];
}
