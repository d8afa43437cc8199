export { feedsOutRoutes, isPublicFeed } from './routes.ts';
