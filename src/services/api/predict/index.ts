export { predictDocumentation } from './documentation.ts';
export { predictAnswer } from './predict.ts';
