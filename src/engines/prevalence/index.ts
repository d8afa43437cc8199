export { createPrevalence, type Prevalences, servePrevalence } from './prevalence.ts';
export { PrevalenceStore, type PrevalenceStoreOptions, SOURCES_MAX } from './store.io.ts';
