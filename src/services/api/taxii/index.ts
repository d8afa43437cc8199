export { taxiiRoutes } from './routes.ts';
