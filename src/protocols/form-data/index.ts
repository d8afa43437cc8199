export {
  FORM_LIMITS,
  FORM_VIOLATIONS,
  formBoundary,
  FormDecoder,
  type FormEvent,
  type FormLimits,
  type FormStop,
  type FormViolation,
  type PartHead,
} from './decoder.ts';
export { fileNameOf } from './file-name.ts';
export { dispositionFileName, parseParameters, type Parameterized } from './parameters.ts';
