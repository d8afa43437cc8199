export {
  CHAR_CLASS,
  DIGIT_CHAR,
  equals,
  hasLineFeed,
  HOST_CHAR,
  isToken,
  matchesLower,
  QUOTED_CHAR,
  safeValue,
  TARGET_CHAR,
  TOKEN_CHAR,
  VALUE_CHAR,
} from './chars.ts';
export { FIELD, knownField } from './known.ts';
export { parseTokenList, trimOws } from './list.ts';
export { type FieldFault, FieldScanner } from './scanner.ts';
export { FIELD_STRIDE, FieldTable } from './table.ts';
