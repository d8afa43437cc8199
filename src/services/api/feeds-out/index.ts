export { feedsOutRoutes, isPublicFeed } from './routes.ts';
export { feedUrlPath } from './path.ts';
