export { formatLeef, type LeefMessage } from './leef.ts';
