export { virusTotalRoutes } from './routes.ts';
