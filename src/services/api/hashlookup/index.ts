export { hashIn, hashTypeOf } from './hash-types.ts';
export { hashlookupRoutes } from './routes.ts';
