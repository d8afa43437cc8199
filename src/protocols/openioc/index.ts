export { OPENIOC_OPTIONS, type OpenIocOptions, readOpenIoc } from './read.ts';
